"""One project for all tests here: they run one after the other, in the order in which they stand."""

import secrets

import pytest
from stack import LASTING, Person, Stack

SLUG = "lakeside"


@pytest.fixture(scope="session")
def stack():
    one = Stack()
    try:
        yield one
    finally:
        if one.left_over():
            one.down()
        one.forget()


@pytest.fixture(scope="session")
def kith(stack):
    """The project, up, with a district in it."""
    stack.up("--build")
    stack.kith("admin", "district", SLUG, "Lakeside Schools", "America/Chicago")
    return stack


@pytest.fixture(scope="session")
def passwords():
    return {}


@pytest.fixture(scope="session")
def sign_in(kith, passwords):
    """sign_in(role): a person of that role; made at the first time."""

    def as_role(role, base=None, **how):
        email = f"{role}@lakeside.example"
        if role not in passwords:
            passwords[role] = secrets.token_urlsafe(12)
            kith.kith("admin", "user", SLUG, email, role.title(), role, "--password-stdin",
                      input=f"{passwords[role]}\n".encode())
        return Person(base or kith.settings["KITH_PUBLIC_URL"], email, passwords[role], **how)

    return as_role


@pytest.fixture(autouse=True)
def told(stack, request):
    """What failed says what the containers said."""
    yield
    report = getattr(request.node, "report", None)
    if report is not None and report.failed and stack.left_over():
        print(stack.compose("ps", "-a") if stack else "")
        print(stack.logs(*LASTING))


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    if call.when == "call":
        item.report = outcome.get_result()
