"""Names in free text: where a list is cut, which piece of it is a name, and when two names are the same
but for their spelling. It knows words, and no other text than the one at hand; see organizations.py."""

import re
import unicodedata

# ---- Words ---------------------------------------------------------------------------------------

LEGAL = r"(?:inc|incorporated|llc|llp|lllp|l\.\s?l\.\s?[cp]|ltd|p\.?c|n\.?a)"
SUFFIX = re.compile(rf"^(?:and\s+|&\s*)?(?:{LEGAL}|co|corp)\.?(?=$|[\s(])", re.I)
# A period that ends no sentence: behind an initial or one of these.
SHORT = ("st", "ste", "mt", "ft", "dr", "mr", "mrs", "ms", "jr", "sr", "inc", "corp", "co", "ltd", "llc", "llp",
         "no", "vs", "assoc", "univ", "dept", "ave", "bros", "rev", "hon", "prof", "gen", "etc", "u.s")
# Names with commas of their own, as they begin and go on.
WITH_COMMAS = [re.compile(one, re.I) for one in (
    r"skidmore,?\s+owings,?\s*(?:&|and)?\s*,?\s*merr?ill?",
    r"mc\s?dermott,?\s+will,?\s*(?:&|and)?\s*,?\s*emery",
    r"wachtell,?\s+lipton,?\s+rosen,?\s*(?:&|and)?\s*,?\s*katz",
    r"cleary,?\s+gottlieb,?\s+steen,?\s*(?:&|and)\s+hamilton",
    r"cadwalader,?\s+wickersham,?\s*(?:&|and)\s+taft",
    r"paul,?\s+weiss,?\s+rifkind,?\s+wharton,?\s*(?:&|and)?\s*garrison",
    r"skadden,?\s+arps,?\s+slate,?\s+meagher,?\s*(?:&|and)?\s*flom",
    r"simpson,?\s+thacher,?\s*(?:&|and)?\s*bart?lett",
    r"cravath,?\s+swaine,?\s*(?:&|and)\s+moore",
    r"fried,?\s+frank,?\s+harris,?\s+shriver,?\s*(?:&|and)\s+jacobson",
    r"debevoise,?\s*(?:&|and)\s+plimpton",
    r"orrick,?\s+herrington,?\s*(?:&|and)\s+sutcliffe",
    r"weil,?\s+gotshal,?\s*(?:&|and)\s+manges",
    r"kramer,?\s+levin,?\s+naftalis,?\s*(?:&|and)\s+frankel",
    r"akin,?\s+gump,?\s+strauss,?\s+hauer,?\s*(?:&|and)\s+feld",
    r"wilmer,?\s+cutler,?\s+pickering,?\s+hale,?\s*(?:&|and)\s+dorr",
    r"big\s+brothers?\s*,\s*(?:&|and)?\s*big\s+sisters?",
    r"center\s+for\s+independence\s+of\s+the\s+disabled,\s+new\s+york",
    r"safety,\s+teamwork,\s+attitude,\s+respect,\s+responsibility",
    r"professional\s+performing\s+arts,\s+[a-z ]+",
    r"(?:department|office|bureau|museum|institute|center|college|school|academy)\s+(?:of|for)\s+(?:the\s+)?"
    r"[a-z]+,\s+[a-z]+,?\s+(?:&|and)\s+[a-z]+",
    r"willkie,?\s+farr,?\s*(?:&|and)\s+gallagher", r"sea,\s+air,?\s*(?:&|and)\s+space\s+museum",
    r"batten,?\s+barton,?\s+durstine,?\s*(?:&|and)\s+osborn",
)]
# No name begins or ends so.
LEADS = re.compile(
    r"^(?:and|or|also|including|include|such as|namely|as well as|in addition|various|other|our|we|"
    r"partnerships? with(?! children)|in partnership with|in collaboration with|in conjunction with|"
    r"affiliations? with|collaborations? with|partners? include|partners?|sponsored by|supported by|"
    r"funded by|member of|through|with|by|from|to|the following are|internships? (?:with|at)|"
    r"students?|college now (?:with|at)|courses? (?:with|at)|strong partnerships? with|"
    r"strong partnership with|integrated partnership with|articulation agreements? with(?: with)?|"
    r"school[- ]based (?:health )?clinic (?:with|at|from)|law firms?(?: of|:)|eop programs?)\b[\s:]*",
    re.I)
TAILS = re.compile(r"\s+(?:and|&|or|of|with|at|for|etc\.?|among others|and others)$", re.I)
# A sentence, not a name: small words that names do not have, or how sentences begin.
SENTENCE = re.compile(
    r"\b(?:is|are|was|were|has|have|had|will|can|may|provides?|offers?|offering|helps?|allows?|serves?|"
    r"supports|ensures?|works|participates?|gains?|exposes?|we|our|us|their|they|your?|which|that|who|"
    r"students|please|refer|visits?|located|throughout|eligible|available|taught|such|partners with)\b|"
    r"^(?:We|Our|There|These|This|They|It|Students (?:are|will|have|can|complete)|Members (?:meet|participate)|"
    r"Please|Through|Internships? (?:for|at)|In (?:addition|\d+))\b")
NO_NAME = re.compile(
    r"^(?:n/?\.?a\.?|none|tba|tbd|see above|others?|various|pending|yes|no|and more|more|many others|us|"
    r"(?:the )?(?:clinic|hospital|on-?site|school|program|college|university|library|museum|army|navy|"
    r"marines|police|church|banks?|team|foundation|company|theater|theatre|community garden|internships?|"
    r"internship program|high schools?|city|mayor|parks?|local businesses|law firms?|community banks|"
    r"corporations?|new york(?: city| state)?|nyc|brooklyn|bronx|queens|manhattan|staten island|usa?|inc\.?|"
    r"new jersey|united states|family|youth|community|education|health|leadership|mentoring|service)|\W*\d*\W*)$",
    re.I)
# What schools offer, not who offers it with them.
OFFERING = re.compile(
    r"^(?:.*\b(?:homework help|tutoring|(?:sat|act|psat|regents|test|exam|college) prep(?:aration)?|"
    r"courses?|classes|workshops|field trips?|"
    r"internships?|competition|programming|after[- ]?school|grant recipient|sister schools?|"
    r"robotics program|financial literacy program|health education|school[- ]based (?:health )?"
    r"(?:clinic|center)|student government|college credits?|college trips|exchange program|peer mediation)|"
    r"(?:the )?(?:health|wellness|mentoring|internship|tutoring|scholarship|arts?|music|dance|culinary arts|"
    r"work[- ]study|college|financial literacy|summer|saturday|robotics|sports) "
    r"(?:center|clinic|program|academy|school|club|camp|services|education)|(?:school[- ]based|on[- ]site)\b.*|"
    r"tutoring\b.*|videography|swimming|chess|basketball|baseball|dance|drama|music|arts?|sports|"
    r"technology|science|stem|band|choir|additionally|fitness|comprehensive|culinary arts|robotics|yoga|"
    r"literacy|spanish|tennis|soccer|advisory|"
    r"p\.?s\.?(?:/i\.?s\.?)? ?\d+.*|i\.?s\.? ?\d+.*|m\.?s\.? ?\d+.*|j?hs ?\d+)$", re.I)
# … unless it says whose it is.
WHOSE = re.compile(r"\b(?:institute|foundation|association|society|council|corporation|center for|inc)\b", re.I)
ACRONYM = re.compile(r"^(?=(?:.*[A-Z]){2})[A-Z][A-Za-z0-9&!'./-]*(?: [A-Z0-9&!]+)?$")
SMALL = {"of", "the", "and", "for", "in", "to", "at", "on", "with", "de", "del", "la", "el", "an", "a", "y", "&", "+",
         "-", "by", "from", "through", "or", "against", "du", "los", "las", "into"}


def plain(text):
    """Straight quotes, one kind of dash, single spaces."""
    text = unicodedata.normalize("NFC", text)
    for fancy, simple in (("‘", "'"), ("’", "'"), ("‛", "'"), ("`", "'"), ("´", "'"), ("“", '"'),
                          ("”", '"'),
                          ("–", "-"), ("—", "-"), ("•", ";"), ("\u00a0", " "), ("\u200b", "")):
        text = text.replace(fancy, simple)
    return re.sub(r"\s+", " ", text.replace("\n", "; ")).strip()


# ---- Cutting -------------------------------------------------------------------------------------


def ends_sentence(text, at):
    """The period at that place is followed by another sentence or name."""
    rest = text[at + 1:]
    if not re.match(r"\s+[A-Z\"]|\s*$", rest):
        return False
    word = re.search(r"([A-Za-z.]+)$", text[:at])
    word = word.group(1).lower() if word else ""
    return not (len(word) == 1 or word in SHORT or re.fullmatch(r"(?:[a-z]\.)+[a-z]", word))


def cut(text):
    """The items of a list, parentheses kept whole, and "Inc." with its name."""
    text = plain(text)
    for name in WITH_COMMAS:
        text = name.sub(lambda found: found.group(0).replace(",", "\0"), text)
    pieces, depth, begin = [], 0, 0
    for at, char in enumerate(text):
        if char == "(":
            depth += ")" in text[at:]
        elif char == ")":
            depth = max(depth - 1, 0)
        elif depth == 0 and (char in ",;" or (char == "." and ends_sentence(text, at))):
            pieces.append(text[begin:at])
            begin = at + 1
    pieces.append(text[begin:])
    whole = []
    for piece in pieces:
        piece = piece.strip().replace("\0", ",")
        if whole and SUFFIX.match(piece):
            whole[-1] += ", " + piece
        elif piece:
            whole.append(piece)
    return whole


# ---- Reading a name ------------------------------------------------------------------------------


def trimmed(name):
    before = None
    while before != name:
        before = name
        name = name.strip(" \t-:;,.*\"/&+")
        name = re.sub(r"^'(?!\w)|(?<!\w|')'$", "", name).strip()
        name = re.sub(r"^the (?=\W*\w)", "The ", TAILS.sub("", LEADS.sub("", name)))
    return re.sub(r"\b(Inc|Corp|Co|Ltd|Jr|Sr|St)$", r"\1.", name)


def parted(name):
    """The name without what stands in parentheses, and that."""
    inside = [one.strip() for one in re.findall(r"\(([^()]*)\)?", name)]
    outside = re.sub(r"\s*\([^()]*\)?\s*", " ", name)
    return re.sub(r"\s+", " ", outside.replace(")", " ").replace("(", " ")).strip(), [one for one in inside if one]


def looks_like_name(name):
    words = name.split()
    if not words or len(words) > 12 or len(name) > 100 or NO_NAME.match(name):
        return False
    if SENTENCE.search(name) or (OFFERING.match(name) and not WHOSE.search(name)):
        return False
    first = words[0]
    if not any(char.isupper() or char.isdigit() for char in first):
        return False  # "homework help"; but iMentor, buildOn
    if len(words) > 1 and words[-1].islower() and words[-1].isalpha():
        return False  # "The Financial Services team"
    capital = sum(1 for word in words if word[:1].isupper() or any(c.isupper() for c in word[1:]) or
                  word[:1].isdigit() or word.lower() in SMALL)
    return capital >= len(words) * 0.7


def read(piece):
    """(name, other names of it) of a piece, or None."""
    if re.search(r":\s", piece) or piece.endswith(":"):
        head, _, tail = piece.partition(":")
        if LEADS.match(head + " ") or re.search(r"\b(?:partners|partnerships|include|following|firm)\b", head, re.I):
            piece = tail
        else:
            piece = head
    name, inside = parted(piece)
    name = re.sub(r"\s+-\s+(?:[a-z]|an?\b|the\b).*$", "", name)  # "… - a creative writing program"
    name = trimmed(re.sub(r"\s*@\s*", " at ", name))
    if not looks_like_name(name):
        return None
    others = [one for one in (re.sub(r",?\s*inc\.?$", "", one, flags=re.I).strip(" '\"") for one in inside)
              if ACRONYM.match(one) and len(one) <= 12 and not re.match(r"(?:NYC|PS|IS|MS)\b", one)]
    return name, others


# ---- Sameness ------------------------------------------------------------------------------------

SPELLINGS = [(re.compile(rf"\b(?:{one})\b"), other) for one, other in (
    ("theatre|theaters|theatres", "theater"), ("centre|ctr", "center"), ("nyc|new york city|n y c", "ny city"),
    ("new york state|nys", "ny state"), ("new york|n y", "ny"), ("st|saint|ste", "st"), ("mt|mount", "mt"),
    ("ft|fort", "ft"), ("univ", "university"), ("assn|assoc", "association"), ("dept", "department"),
    ("intl", "international"), ("natl", "national"), ("jp morgan|j p morgan|jpmorgan", "jp morgan"),
    ("programs?", "program"), ("bros|brothers?", "brother"), ("sisters", "sister"), ("boro", "borough"),
    ("u s", "us"), ("united states", "us"), ("incorporated", "inc"), ("foundations", "foundation"),
    ("young mens christian association", "ymca"), ("young womens christian association", "ywca"),
    ("young mens hebrew association", "ymha"), ("development corp", "development corporation"),
    ("city university of ny", "cuny"), ("state university of ny|state university ny", "suny"),
    ("african american", "african american"), ("and", ""))]


def key(name):
    """What names of one organization share: no case, accents, punctuation, article or legal form."""
    text = unicodedata.normalize("NFKD", plain(name)).encode("ascii", "ignore").decode().lower()
    text = re.sub(r"(?<=\w)'s\b|(?<=s)'(?!\w)", "s", text)
    text = re.sub(rf"[,\s]+(?:{LEGAL}|corp(?:oration)?|company|co)\.?$", "", text)
    text = re.sub(r"[^a-z0-9]+", " ", text.replace("&", " and ")).strip()
    for pattern, other in SPELLINGS:
        text = pattern.sub(other, text)
    text = re.sub(r"\s+", " ", text).strip()
    text = re.sub(r"^the ", "", text)
    if len(text.split()) > 2:
        text = re.sub(r" program$", "", text)
    return text


def distance_is_one(a, b):
    """One letter more, less, other, or two neighbors exchanged."""
    if abs(len(a) - len(b)) > 1 or a == b:
        return False
    at = next((n for n, (x, y) in enumerate(zip(a, b)) if x != y), min(len(a), len(b)))
    rest_a, rest_b = a[at:], b[at:]
    return (rest_a[1:] == rest_b[1:] or rest_a[1:] == rest_b or rest_a == rest_b[1:]
            or (rest_a[:2] == rest_b[1::-1] and rest_a[2:] == rest_b[2:]))


def is_slip(one, other):
    """One key is a misspelling of the other: the same words, of which some long ones are a letter off."""
    a, b = one.split(), other.split()
    if len(a) != len(b):
        glued = one.replace(" ", ""), other.replace(" ", "")
        return len(glued[0]) >= 8 and glued[0] == glued[1]
    differing = [(x, y) for x, y in zip(a, b) if x != y]
    return bool(differing) and all(
        not any(char.isdigit() for char in x + y) and (
            min(len(x), len(y)) >= 6 and distance_is_one(x, y)
            or min(len(x), len(y)) >= 3 and (x + "s" == y or y + "s" == x)) for x, y in differing)
