"""What all suites have in common."""


def pytest_configure(config):
    config.addinivalue_line("markers", "shows(*keys): lines of docs/capabilities that the test shows")
