"""What days of work through the screens have in common."""

from app import App


def begun(screen, tenant, role="director", language="en", way=App):
    """The app of whoever is signed in, with nothing left of what others typed before."""
    one = way(screen, tenant).sign_in(role, language)
    screen.driver.get(f"http://{screen.api.host}:8080/style.css")
    screen.run("sessionStorage.clear()")
    return one


def clean(app, name, but="nothing"):
    """axe finds nothing, but what begins so; and how it looks is kept, if asked for."""
    app.screen.run("scrollTo(0, 0)")  # below the bar nobody can tell a contrast
    found = [one for one in app.screen.axe() if not one.startswith(but)]
    assert not found, (name, found)
    app.screen.picture(f"{name}-{app.screen.run('return innerWidth')}")


def clean_everywhere(app, paths):
    """On a desk in the dark, and on a screen as narrow as 640 pixels at twice the size."""
    for name, path in paths.items():
        app.screen.width(1280)
        app.open(path)
        with app.dark():
            clean(app, f"{name}-dark")
        app.screen.width(320)
        app.open(path)
        assert app.screen.run("return document.documentElement.scrollWidth <= innerWidth"), path
        clean(app, name)
    app.screen.width(1280)


def enter(app, field_id, value):
    """A date, or what else one does not type letter by letter."""
    app.screen.run("const e = document.getElementById(arguments[0]); e.value = arguments[1]; e.dispatchEvent(new Event('input', {bubbles: true})); "
                   "e.dispatchEvent(new Event('change', {bubbles: true}))", field_id, value)
