"""Texts that programs are known to spoil: what a person writes is to come back as it was, wherever it is read."""

HARD = {
    "right to left": "مدرسة السلام – שלום \u202babc\u202c",
    "combining": "Zoe\u0308 A\u030angstro\u0308m \u0f40\u0f71\u0f72",
    "emoji": "👩\u200d👩\u200d👧\u200d👦 🏳️\u200d🌈 🇺🇸",
    "four bytes": "𝔘𝔫𝔦𝔠𝔬𝔡𝔢 𠮷野家",
    "SQL": "Robert'); DROP TABLE partner; -- $1 %s {{name}}",
    "HTML": "<script>alert(\"x\")</script> & <b>bold</b> &amp; ]]>",
    "a formula": "=HYPERLINK(\"http://x\",\"y\")",
    "an apostrophe": "'quoted'",
    "separators": "a,b;\"c\"|d",
    "an escape of spreadsheets": "_x0041_ _x000D_ \\u0041 %41 =41",
    "long": "😀" * 200,
}
