"""How a district's mails and pages look: its color, its logo and where it is."""
import re

import pytest
from pages import Browser, check_page
from test_api_attachments import PNG, attach

from world import uuid7

LIGHT = ("#ffffff", "#7a7a7a", "#00c853", "#ffeb3b", "#767676")  # the last is enough on white, and not on gray
DARK = ("#000000", "#0b5d4e", "#a1161c", "#6b6b6b")


def patch(tenant, **fields):
    return tenant.admin.patch(tenant.path, fields, tenant.admin.get(tenant.path).etag)


def fault(answer):
    assert answer.status == 422, answer
    one, = answer.json["errors"]
    return one["pointer"], one["detail"]


@pytest.fixture
def branded(theirs):
    """A district with a logo and a color, which nothing else looks at."""
    logo = attach(theirs.admin, body=PNG, said="image/png", subject_kind="district", subject_id=theirs.id).id
    answer = patch(theirs, accent_color="#A1161C", logo_id=logo, logo_alt="A blue heron", street="1 Main Street",
                   city="Rio Vista", state="CA", postal_code="94571")
    assert answer.status == 200 and answer.json["accent_color"] == "#a1161c", answer
    yield theirs, logo
    assert patch(theirs, accent_color=None, logo_id=None, logo_alt=None).status == 200


@pytest.mark.shows("district.brand_color")
def test_a_color_that_not_everybody_could_read_is_refused(theirs):
    for color in LIGHT:
        pointer, detail = fault(patch(theirs, accent_color=color))
        assert pointer == "/accent_color" and "4.5:1" in detail, color
    for color in DARK:
        assert patch(theirs, accent_color=color).status == 200, color
    assert fault(patch(theirs, accent_color="#0b5d4g")) == (
        "/accent_color", '"accent_color" must be # and six hexadecimal digits, as in "#0b5d4e".')
    assert patch(theirs, accent_color=None).status == 200
    rows = theirs.director.get(f"/v1/audit?aggregatetype=district&aggregateid={theirs.id}&action=updated").json["data"]
    assert any("accent_color" in row["changed"] for row in rows), rows[:2]


def test_a_logo_is_a_picture_of_the_district_itself(theirs, ours):
    partner = theirs.director.partner().id
    files = {"a partner's": attach(theirs.admin, body=PNG, said="image/png", subject_kind="partner", subject_id=partner).id,
             "nothing's": attach(theirs.admin, body=PNG, said="image/png").id,
             "no picture": attach(theirs.admin, body=b"name\r\n", said="text/csv", subject_kind="district", subject_id=theirs.id).id,
             "another district's": attach(ours.admin, body=PNG, said="image/png", subject_kind="district", subject_id=ours.id).id,
             "none": uuid7()}
    for what, file in files.items():
        assert fault(patch(theirs, logo_id=file))[0] == "/logo_id", what


@pytest.mark.shows("district.brand")
def test_mails_show_the_logo_the_color_and_where_the_district_is(branded):
    district, logo = branded
    mail = district.director.get("/v1/mail_previews?kind=check_in_reminder").json
    image, = re.findall("<img [^>]*>", mail["html"])
    assert re.search(r'src="https?://[^"?]+/d/%s/logo/%s"' % (district.district.slug, logo), image), image
    assert 'alt="A blue heron"' in image and 'bgcolor="#a1161c"' in mail["html"] and "#0b5d4e" not in mail["html"]
    assert "1 Main Street, Rio Vista, CA 94571" in mail["text"] and "1 Main Street" in mail["html"]
    other = district.director.get("/v1/mail_previews?kind=sign_in").json["html"]
    assert image in other, "the same for everybody, and for each mail"


@pytest.mark.shows("district.brand")
def test_pages_show_the_logo_and_the_color(branded, api):
    district, logo = branded
    browser = Browser(api)
    page = browser.get(f"/d/{district.district.slug}/partner")
    check_page(page)
    image, = page.root.all("img")
    assert (image.get("src"), image.get("alt")) == (f"/d/{district.district.slug}/logo/{logo}", "A blue heron")
    sheets = [node.get("href") for node in page.root.all("link") if node.get("rel") == "stylesheet"]
    assert sheets == ["/style.css", "/accent/a1161c.css"]
    sheet = browser.get(sheets[1])
    assert sheet.field("Content-Type") == "text/css; charset=utf-8" and "immutable" in sheet.field("Cache-Control")
    day, night = sheet.body.split("@media screen and (prefers-color-scheme: dark) {\n")
    assert day == ":root { --accent: #a1161c; --accent-deep: #700f13; --accent-pale: #f7ecec; }\n"
    assert night == "  :root { --accent: #deadaf; --accent-deep: #ecd0d1; --accent-pale: #280507; --bar: #300608; --bar-over: #48090c; }\n}\n"
    for path in ("/accent/a1161c", "/accent/A1161C.css", "/accent/a1161.css", "/accent/red.css", "/accent/a1161g.css"):
        assert browser.get(path).status == 404, path


@pytest.mark.shows("district.brand")
def test_everybody_gets_the_logo_while_it_is_the_logo(branded, api):
    district, logo = branded
    path = f"/d/{district.district.slug}/logo/{logo}"
    found = district.nobody.get(path)
    assert found.status == 200 and found.reply.body == PNG and found.field("Content-Type") == "image/png"
    assert found.field("Set-Cookie") is None
    file = f"/v1/attachments/{logo}"
    assert district.admin.archive(file, district.admin.get(file).etag).status == 204
    assert district.nobody.get(path).status == 404
    assert district.nobody.get(f"/d/{district.district.slug}/logo/{uuid7()}").status == 404
    assert "<img" not in district.director.get("/v1/mail_previews?kind=sign_in").json["html"]
