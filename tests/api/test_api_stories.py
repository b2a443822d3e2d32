"""Stories: from the draft to the public page, with all that has to be right for those whom they show."""

import html
import re
from xml.etree import ElementTree

import pytest
from acting import act, done
from api_world import Caller
from fields import APART
from operations import Subjects
from pages import Builder, check_headings, check_ids

TODAY = "2026-11-21"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256))


@pytest.fixture(scope="module")
def subjects(ours):
    return Subjects(ours)


def picture(caller, story, **fields):
    answer = caller.call("POST", f"/v1/attachments?name=garden.png&subject_kind=story&subject_id={story}", PNG,
                         Content_Type="image/png")
    if answer.status == 201 and fields:
        answer = caller.patch(f"/v1/attachments/{answer.id}", fields, answer.etag)
    return answer


def missing(answer):
    assert answer.status == 409, answer
    return answer.json["state"]["missing"]


def attested(caller, one, verb):
    return act(caller, "stories", one, verb, no_student_name=True)


class Story:
    """One about a partnership, that shows one person: nothing is missing."""

    def __init__(self, tenant, subjects, **fields):
        self.caller = tenant.director
        self.id = self.caller.created("stories", {**APART["stories"], **fields}).id
        self.partnership = subjects.fresh("partnerships").id
        self.contact = self.caller.created("contacts", {"name": "Ann"}).id
        self.about = self.caller.created("story_subjects", {
            "story_id": self.id, "partnership_id": self.partnership}).id
        self.person = self.caller.created("story_people", {
            "story_id": self.id, "name": "Boy with the watering can", "is_student": True}).id

    def release(self):
        done(act(self.caller, "story_people", self.person, "attest", release_on="2026-09-01"))
        return self

    def consent(self):
        done(act(self.caller, "story_subjects", self.about, "consent", contact_id=self.contact))
        return self

    def published(self):
        self.release().consent()
        for verb in ("submit", "approve"):
            done(attested(self.caller, self.id, verb))
        done(act(self.caller, "stories", self.id, "publish"))
        return self

    @property
    def status(self):
        return self.caller.get(f"/v1/stories/{self.id}").json["status"]


@pytest.mark.shows("recognition.stories", "recognition.releases", "recognition.consent")
def test_a_story_is_published_once_releases_consent_and_approval_are_there(ours, subjects):
    bare = ours.director.created("stories", APART["stories"])
    assert (bare.json["locale"], bare.json["owner_id"]) == ("en", ours.users["director"])
    assert missing(attested(ours.director, bare.id, "submit")) == ["subject", "release"]
    story = Story(ours, subjects)
    image = picture(ours.director, story.id)
    assert missing(attested(ours.director, story.id, "submit")) == ["release", "alt_text"]
    ours.director.patch(f"/v1/attachments/{image.id}", {"description": "A garden"}, image.etag)
    story.release()
    unsure = act(ours.director, "stories", story.id, "submit", no_student_name=False)
    assert (unsure.status, unsure.faults) == (422, {"/no_student_name": "not_allowed"}), unsure
    done(attested(ours.director, story.id, "submit"))
    path = f"/v1/stories/{story.id}"
    assert ours.director.patch(path, {"text": "Other"}, ours.director.get(path).etag).status == 409
    assert picture(ours.director, story.id).status == 409
    assert attested(ours.coordinator, story.id, "approve").status == 403
    assert missing(attested(ours.executive, story.id, "approve")) == ["consent"]
    story.consent()
    approved = done(attested(ours.executive, story.id, "approve"))
    assert (approved["approved_by"], approved["published_at"]) == (ours.users["executive"], None)
    assert done(act(ours.coordinator, "stories", story.id, "publish"))["published_at"]
    assert done(act(ours.director, "stories", story.id, "withdraw", reason="A mistake"))["status"] == "withdrawn"
    assert done(act(ours.director, "stories", story.id, "revise"))["approved_at"] is None
    done(attested(ours.director, story.id, "submit"))
    assert done(act(ours.director, "stories", story.id, "return", reason="Longer"))["status_reason"] == "Longer"
    [about] = ours.viewer.get("/v1/story_subjects", {"story_id": story.id}).json["data"]
    assert about["consent_contact_id"] == story.contact
    tasks = ours.director.get("/v1/me/tasks").json["data"]
    assert story.id not in {task["subject_id"] for task in tasks}


@pytest.mark.shows("recognition.withdrawal")
@pytest.mark.parametrize("what", ("release", "consent"))
def test_what_is_taken_back_takes_the_story_with_it(ours, subjects, what):
    story = Story(ours, subjects).published()
    assert story.status == "published"
    plural, one = {"release": ("story_people", story.person), "consent": ("story_subjects", story.about)}[what]
    done(act(ours.director, plural, one, "revoke"))
    assert story.status == "withdrawn"


@pytest.mark.shows("recognition.stories")
def test_whom_an_approved_story_shows_and_is_about_stays(ours, subjects):
    story, site = Story(ours, subjects).release().consent(), ours.director.site().id
    caller = story.caller
    parts = (("story_people", story.person, {"story_id": story.id, "name": "Another"}),
             ("story_subjects", story.about, {"story_id": story.id, "site_id": site}))
    done(attested(caller, story.id, "submit"))
    more = [(plural, caller.created(plural, body).id) for plural, _, body in parts]
    for plural, one in more:
        assert caller.archive(f"/v1/{plural}/{one}", caller.get(f"/v1/{plural}/{one}").etag).status == 204
    done(attested(caller, story.id, "approve"))
    for status in ("approved", "published", "withdrawn"):
        for (plural, one, body), (_, gone) in zip(parts, more):
            path = f"/v1/{plural}/{one}"
            lost = f"/v1/{plural}/{gone}"
            for answer in (caller.post(f"/v1/{plural}", body), caller.archive(path, caller.get(path).etag),
                           caller.restore(lost, caller.get(lost).etag)):
                assert (answer.status, answer.json.get("state")) == (409, {"status": status}), answer
        path = f"/v1/story_people/{story.person}"
        assert caller.patch(path, {"name": "X"}, caller.get(path).etag).status == 409
        assert caller.patch(path, {"note": status}, caller.get(path).etag).status == 200
        if status != "withdrawn":
            done(act(caller, "stories", story.id, "publish" if status == "approved" else "withdraw",
                     **({} if status == "approved" else {"reason": "Why"})))


@pytest.mark.shows("recognition.student_names")
@pytest.mark.parametrize("text, found", (
    ("Our student Maria Lopez spoke.", True),
    ("Maria Lopez, a fifth-grader, spoke.", True),
    ("Then Maria J. Lopez, 9, spoke.", True),
    ("La alumna María López habló.", True),
    ("José Núñez (10) habló, estudiante.", True),
    ("A fifth-grader spoke, and students cheered.", False),
    ("Dr. Ann Lee of Acme Bank spoke to 20 students.", False),
    ("مرحبا students 🎉 <b>Maria</b>", False),
))
def test_what_looks_like_a_students_full_name_is_warned_of(ours, text, found):
    told = ours.director.created("stories", {**APART["stories"], "text": text}).json
    assert bool(told["warnings"]) == found, told["warnings"]


# ---- What the public reads -----------------------------------------------------------------------

HARD = "مرحبا <script>alert('x')</script> & \"quotes\" 🎉 ‮abc"
ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture
def public(ours):
    """Somebody without a token."""
    return Caller(ours.api, None)


@pytest.fixture
def slug(ours):
    return ours.director.get(ours.path).json["slug"]


def page(public, path):
    """The reply and its text, of a page that everybody can find their way on."""
    answer = public.get(path, Accept="text/html")
    assert answer.status == 200, answer
    body = answer.reply.body.decode()
    root = Builder(body).root
    check_headings(root)
    check_ids(root)
    assert len(list(root.all("main"))) == 1 and len(list(root.all("h1"))) == 1 and root.first("title").text
    assert all(image.get("alt") for image in root.all("img")) and not list(root.all("script", "style", "iframe"))
    return answer, body


@pytest.mark.shows("recognition.public_page", "recognition.pictures", "recognition.hard_strings")
def test_a_published_story_is_a_page_for_everybody_and_gone_at_once_when_withdrawn(ours, subjects, public, slug):
    story = Story(ours, subjects, title=HARD, text=f"First {HARD}\n\nSecond", summary="Short & <b>sweet</b>",
                  locale="ar")
    image = picture(ours.director, story.id, description="A garden & \"more\"")
    path = f"/d/{slug}/stories/{story.id}"
    assert public.get(path).status == 404
    assert public.get(f"{path}/{image.id}").status == 404
    story.published()
    answer, body = page(public, path)
    assert html.escape(HARD, quote=False).replace('"', "&quot;").replace("'", "&#39;") in body
    assert "<script>" not in body and 'lang="ar" dir="auto"' in body and '<html lang="en" dir="ltr">' in body
    assert 'alt="A garden &amp; &quot;more&quot;"' in body
    assert answer.field("Cache-Control") == "public, no-cache" and answer.field("Set-Cookie") is None
    assert public.get(path, If_None_Match=answer.field("ETag")).status == 304
    chosen, spanish = page(public, f"{path}?lang=es")
    assert chosen.field("Cache-Control") == "private, no-cache" and "lang=es" in chosen.field("Set-Cookie")
    assert '<html lang="es" dir="ltr">' in spanish and "Todas las historias" in spanish
    got = public.get(f"{path}/{image.id}")
    assert (got.status, got.field("Content-Type"), got.reply.body) == (200, "image/png", PNG)
    assert public.get(f"{path}/{image.id}", If_None_Match=got.field("ETag")).status == 304
    assert public.get(f"{path}/{story.id}").status == 404 and public.get("/d/nowhere/stories").status == 404
    _, listed = page(public, f"/d/{slug}/stories")
    assert path in listed and f"/d/{slug}/stories.atom" in listed
    done(act(ours.director, "stories", story.id, "withdraw", reason="She asked for it"))
    assert public.get(path, If_None_Match=answer.field("ETag")).status == 404
    assert public.get(f"{path}/{image.id}", If_None_Match=got.field("ETag")).status == 404
    assert path not in page(public, f"/d/{slug}/stories")[1]


@pytest.mark.shows("recognition.feed")
def test_the_feed_is_atom_and_says_when_it_changed(ours, subjects, public, slug):
    """RFC 4287, section 4.1: what a feed and an entry have to have."""
    story = Story(ours, subjects, title=HARD, text=f"{HARD}\n\nMore", locale="es").published()
    answer = public.get(f"/d/{slug}/stories.atom")
    assert answer.status == 200 and answer.field("Content-Type") == "application/atom+xml; charset=utf-8"
    feed = ElementTree.fromstring(answer.reply.body)
    assert feed.tag == f"{ATOM}feed"
    for name in ("id", "title", "updated"):
        assert len(feed.findall(ATOM + name)) == 1 and feed.find(ATOM + name).text
    assert feed.find(f"{ATOM}author/{ATOM}name").text
    links = {link.get("rel"): link.get("href") for link in feed.findall(f"{ATOM}link")}
    assert links["self"].endswith(f"/d/{slug}/stories.atom") and links["alternate"].endswith(f"/d/{slug}/stories")
    entries = {entry.find(f"{ATOM}id").text: entry for entry in feed.findall(f"{ATOM}entry")}
    entry = entries[f"urn:uuid:{story.id}"]
    assert entry.find(f"{ATOM}title").text == HARD and entry.find(f"{ATOM}content").text == f"{HARD}\n\nMore"
    assert entry.get("{http://www.w3.org/XML/1998/namespace}lang") == "es"
    assert re.fullmatch(r"2026-11-21T[0-9:.]+Z", entry.find(f"{ATOM}updated").text)
    assert public.get(f"/d/{slug}/stories.atom", If_None_Match=answer.field("ETag")).status == 304
    done(act(ours.director, "stories", story.id, "withdraw", reason="No more"))
    again = public.get(f"/d/{slug}/stories.atom", If_None_Match=answer.field("ETag"))
    assert again.status == 200 and story.id not in again.reply.body.decode()


def test_an_address_that_names_nothing_finds_nothing(public):
    for where in ("%00", "a%00b", "%ff", "%F0%9F%8E%89", "a" * 5000, "%27%20OR%201=1", "..", "%2e%2e%2f", "-"):
        for path in ("stories", "stories.atom", f"stories/{where}", "stories/0197a3c2-5d1e-7b40-9c55-2f6d8e01a4b7/x"):
            assert public.get(f"/d/{where}/{path}").status in (400, 404, 414), (where, path)
