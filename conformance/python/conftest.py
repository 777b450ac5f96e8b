"""What every judge shares: the service, its callers, and the bodies that Amazon sends."""

import pytest

pytest.register_assert_rewrite("client_tests", "matrix")

import gateways
from service import Clock, Credentials, Service


@pytest.fixture(scope="session")
def service(tmp_path_factory):
    """A freshly started `countersign dev`; two gateways before three nodes with `cargo xtask judges --cluster`."""
    folder, nodes = tmp_path_factory.mktemp("judged") / "data", gateways.asked_for()
    running = gateways.Gateways(folder, nodes) if nodes else Service(folder)
    yield running
    assert running.stop() == 0
    if nodes:
        balancer = running.balancer
        gateways.TOLD.append(f"connections: {balancer.taken}; {len(balancer.waits)} answers of the control plane waited at most "
                             f"{max(balancer.waits, default=0):.3f} s for both gateways; none was seen to know less for longer than {max(balancer.behind, default=0):.3f} s")
        balancer.check()


def pytest_terminal_summary(terminalreporter):
    for line in gateways.TOLD:
        terminalreporter.write_line(line)


def pytest_collection_modifyitems(config, items):
    """Through gateways go the tests that ask `service`; those that start services of their own would show nothing new."""
    if not gateways.asked_for():
        return
    differences = dict(line.split("\t")[:2] for line in gateways.DIFFERENCES.read_text().splitlines() if line[:1] not in ("#", ""))
    kept, others = [], []
    for item in items:
        (kept if asks_the_service(item) else others).append(item)
        reason = differences.get(f"{item.path.name}::{item.name}") or differences.get(f"{item.path.name}::{item.originalname}")
        if reason:
            item.add_marker(pytest.mark.xfail(reason=reason, strict=not reason.startswith("by turns")))
    items[:] = kept
    config.hook.pytest_deselected(items=others)


def asks_the_service(item):
    """Whether its fixture `service` is the one above."""
    made = item._fixtureinfo.name2fixturedefs.get("service", [None])[-1]
    return made is not None and made.func.__module__ == __name__


@pytest.fixture(scope="session")
def search_app(service):
    """A session of the role that the domain's policy names."""
    return service.assume("search-app")


@pytest.fixture(scope="session")
def stranger(service):
    """A session of a role of the same account that nothing grants anything."""
    return service.make_role("stranger")


@pytest.fixture(scope="session")
def wrong_secret(search_app):
    """The right key id and token with another secret."""
    return Credentials(search_app.access_key, search_app.secret_key[::-1], search_app.token)


@pytest.fixture(scope="session")
def bench(service, search_app, tmp_path_factory):
    """What the signers' matrix needs: a domain with the default forms, one with all forms, documents, bodies."""
    from matrix import Bench

    return Bench(service, search_app, tmp_path_factory.mktemp("bodies"))


@pytest.fixture(scope="session")
def relays(service):
    """Endpoints that lead to `dev`: one passes bodies on, one changes them."""
    from relay import changed, relay

    with relay(service, service.endpoint, lambda body: body) as honest, relay(service, service.endpoint, changed) as forging:
        yield honest, forging


@pytest.fixture(scope="session")
def aged(tmp_path_factory):
    """A service whose clock has passed the expiry of a session, and that session.

    The session is opened while the service's clock is 14 minutes late (sts tolerates 15) for the shortest
    duration, 15 minutes; then the clock goes to 2 minutes ahead (es tolerates 5). The clients' clocks are
    right all the time, so what they sign is fresh and only the session is old.
    """
    folder = tmp_path_factory.mktemp("aged")
    clock = Clock(folder)
    clock.move(-14)
    running = Service(folder / "data", clock.environment())
    session = running.assume("search-app", DurationSeconds=900)
    clock.move(2)
    yield running, session
    running.stop()


MISMATCH = (
    "The request signature we calculated does not match the signature you provided. Check your AWS Secret "
    "Access Key and signing method. Consult the service documentation for details."
)
TOKEN_EXPIRED = {"message": "The security token included in the request is expired"}


def anonymous_denied(action):
    """What a caller without credentials reads."""
    return {
        "Message": f"User: anonymous is not authorized to perform: {action} because no resource-based policy "
        f"allows the {action} action"
    }


def stranger_denied(service, action, role="stranger", session="judge"):
    """What a role's session reads that neither its own policies nor the domain's allow."""
    return {
        "Message": f"User: arn:aws:sts::{service.account}:assumed-role/{role}/{session} is not authorized to "
        f"perform: {action} because no identity-based policy allows the {action} action"
    }


def is_mismatch(body):
    """Whether a body is the signature layer's mismatch, in its short or its long form."""
    return set(body) == {"message"} and body["message"].startswith(MISMATCH)
