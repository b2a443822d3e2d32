"""Survey time, through the screens alone: an instrument is written, a wave is planned, its audience is looked at, it opens, and
its results are read."""

import pytest
from days import begun, clean, clean_everywhere
from hands import by_hand
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from api_world import Tenant
from world import NOW, insert, uuid7

WORDS = {
    "en": {"name": "Name", "create": "Create", "add": "Add a question", "kind": "Kind", "preview": "As one answers it", "write": "Back to writing", "text": "Yes or no", "new": "New instrument",
           "publish": "Publish", "ask": "Ask it in a survey", "keep": "Keep it as a draft", "opens": "Opens", "closes": "Closes", "would": "If it opened now", "open": "Open", "progress": "Answers so far",
           "results": "Results", "missing": "Who has not answered", "no_mail": "Has no address", "page": "Page 1 of 1", "few": "Fewer than 5 answers", "survey": "New survey"},
    "es": {"name": "Nombre", "create": "Crear", "add": "Añadir una pregunta", "kind": "Tipo", "preview": "Como se contesta", "write": "Volver a escribir", "text": "Sí o no", "new": "Nuevo instrumento",
           "publish": "Publicar", "ask": "Usarlo en una encuesta", "keep": "Guardar como borrador", "opens": "Se abre", "closes": "Se cierra", "would": "Si se abriera ahora", "open": "Abrir",
           "progress": "Respuestas hasta ahora", "results": "Resultados", "missing": "Quién no ha contestado", "no_mail": "Sin dirección", "page": "Página 1 de 1", "few": "Menos de 5 respuestas", "survey": ""},
}
LEGENDS = {"en": ("Title", "What is asked"), "es": ("Título", "Qué se pregunta")}


@pytest.fixture(scope="module")
def ours(api, database):
    """Two relationships, one of whose leads has no address."""
    tenant = Tenant(api, database)
    with database.connect("kith_migrate") as connection:
        def row(table, **values):
            one = uuid7()
            insert(connection, table, {"district_id": tenant.id, "id": one, "created_at": NOW, "updated_at": NOW, **values})
            return str(one)

        for name, email in (("Ann Reyes", "ann@example.org"), ("Ben Ode", None)):
            partner = tenant.director.created("partners", {"name": f"{name}’s partner", "kind": "nonprofit"}).id
            lead = tenant.director.created("contacts", {"name": name, **({"email": email} if email else {})}).id
            about = row("partnership", partner_id=partner, name=f"With {name}", arrangement="program", status="active", activated_at=NOW)
            row("partnership_role", partnership_id=about, side="partner", role="lead", contact_id=lead)
    return tenant


@pytest.fixture
def app(screen, ours):
    return begun(screen, ours)


def inputs(app, legend, within):
    """The fields of one text, a language each."""
    return app.screen.find(within).find_elements(
        By.XPATH, f".//fieldset[legend[starts-with(normalize-space(.), '{legend}')]]//*[self::input or self::textarea]")


def write_instrument(app, words, legends):
    app.open("/app/instruments/new").at(words["new"])
    app.type(words["name"], "How we work")
    for legend, within, texts in ((legends[0], ".section", ("Together", "En común")), (legends[1], "#question-0", ("We can rely on each other.", "Podemos confiar."))):
        for one, text in zip(inputs(app, legend, within), texts):
            app.enter(one, text)
    app.click(words["add"], "main")
    for one, text in zip(inputs(app, legends[1], "#question-1"), ("Would you go on?", "¿Seguiría?")):
        app.enter(one, text)
    app.choose_in(app.screen.find("#question-1 [id$='-kind']"), words["text"])


@pytest.mark.shows("web.surveys")
@by_hand("es")
def test_survey_time(hand, ours):
    words, legends = WORDS[hand.language], LEGENDS[hand.language]
    write_instrument(hand, words, legends)
    hand.look("instrument").click(words["preview"], "main").wait_for(words["page"])
    assert ("Podemos confiar." if hand.language == "es" else "We can rely on each other.") in hand.screen.text
    hand.look("preview").click(words["write"], "main").click(words["create"], "main").at("How we work")
    made = ours.director.get("/v1/instruments", {"code": "how_we_work"} if hand.language == "en" else {"status": "draft"}).json["data"][0]
    assert [(one["code"], one["kind"]) for one in made["questions"]] == [("we_can_rely_on", "rating"), ("would_you_go_on", "yes_no")]
    assert made["questions"][1]["text"] == {"en": "Would you go on?", "es": "¿Seguiría?"}
    hand.click(words["publish"], "main").click(words["ask"], "main").wait_for(words["keep"])
    hand.type(words["name"], "Wave")
    for name, day in (("opens_on", "2026-12-01"), ("closes_on", "2030-01-01")):
        hand.enter(hand.screen.find(f"#wave-{name}"), day)
    hand.look("wave")
    hand.click(words["keep"], "main").wait_for(words["would"]).wait_for("Ann Reyes").wait_for("Ben Ode")
    assert "ann@example.org" in hand.screen.text
    hand.look("audience")
    survey = ours.director.get("/v1/surveys").json["data"][-1]["id"]
    hand.click(words["open"], "main").until(lambda: ours.director.get(f"/v1/surveys/{survey}").json["status"] == "open", "it is open")
    hand.click(words["progress"], "main").wait_for(words["missing"]).wait_for("ann@example.org").look("progress")
    hand.click(words["results"], "main").wait_for(words["few"]).look("results")
    hand.open(f"/app/instruments/{made['id']}/edit")
    assert not hand.screen.all("main input"), "what is asked stays as it is"
    with ours.api.database.connect("kith_migrate") as connection:
        connection.execute("UPDATE instrument SET code = 'old_' || left(replace(id::text, '-', '_'), 30) WHERE id = %s", (made["id"],))


@pytest.mark.shows("web.surveys")
def test_what_is_wrong_stands_beside_its_question_and_the_keyboard_moves_it(app):
    screen = app.screen
    write_instrument(app, WORDS["en"], LEGENDS["en"])
    inputs(app, "What is asked", "#question-1")[1].clear()
    inputs(app, "What is asked", "#question-1")[1].send_keys(" ", Keys.BACKSPACE)
    app.button("Create", ".above").click()
    app.until(lambda: screen.all(".summary a"), "what is wrong")
    assert app.focused == screen.find(".summary") and "Question 2" in screen.find(".summary").text
    screen.find(".summary a").click()
    app.until(lambda: app.focused.get_attribute("aria-invalid") or app.focused.tag_name == "fieldset", "the focus is where it is wrong")
    assert app.focused.get_attribute("id").startswith("at-questions-1-")
    clean(app, "instrument-faults")
    name = screen.find("#question-1 .question-name")
    name.click()
    ActionChains(screen.driver).key_down(Keys.ALT).send_keys_to_element(name, Keys.ARROW_UP).key_up(Keys.ALT).perform()
    app.until(lambda: "Would you go on?" in screen.find("#question-0 .question-name").text, "it stands before the other")
    app.until(lambda: app.focused == screen.find("#question-0 .question-name"), "and keeps the focus")
    screen.driver.refresh()
    app.wait()
    assert "Would you go on?" in screen.find("#question-0").text, "what was written is kept"


@pytest.mark.shows("web.surveys")
def test_all_of_it_at_320_pixels(app):
    instrument = app.tenant.director.get("/v1/instruments", {"code": "relationship"}).json["data"][0]["id"]
    one = app.tenant.director.created("surveys", {
        "name": "Narrow", "instrument_id": instrument, "school_year": 2027, "opens_on": "2026-12-01", "closes_on": "2030-01-01"}).id
    assert app.tenant.director.post(f"/v1/surveys/{one}/open", {}).status == 200
    clean_everywhere(app, {"instrument-new": "/app/instruments/new", "survey-edit": f"/app/surveys/{one}/edit", "survey": f"/app/surveys/{one}",
                           **{f"survey-{part}": f"/app/surveys/{one}/{part}" for part in ("audience", "progress", "results")}})
