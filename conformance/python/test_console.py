"""The console in Debian's Chromium: sign in, launch, be refused and read why, get in; every page looked at by axe-core.

Screenshots of each page, light and dark, narrow and wide, are written to `target/console/`.
"""

import re
import shutil
from urllib.parse import quote, urlsplit

import pytest
from playwright.sync_api import sync_playwright

from npm import ROOT, installed

SOURCES = ROOT / "conformance" / "console"
PICTURES = ROOT / "target" / "console"
FIRST_LOAD_BYTES_MAX = 150 * 1024

# Whatever a stranger may name, in a browser.
HOSTILE = "<img src=x onerror=document.title='hit'>"


@pytest.fixture(scope="module")
def browser():
    chromium = shutil.which("chromium")
    if not chromium:
        pytest.skip("not installed: chromium (Debian's package of that name)")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield running
        running.close()


@pytest.fixture(scope="module")
def axe():
    return (installed(SOURCES) / "node_modules" / "axe-core" / "axe.min.js").read_text()


def page_of(browser, service, **options):
    """A page of a browser of its own, which trusts the certificate and fails the test when a script does."""
    context = browser.new_context(ignore_https_errors=True, base_url=service.ready["console"], **options)
    page = context.new_page()
    page.faults = []
    page.on("pageerror", lambda error: page.faults.append(str(error)))
    page.on("console", lambda said: page.faults.append(said.text) if said.type == "error" else None)
    return page


def sign_in(page, credentials):
    page.goto("/")
    page.get_by_label("Access key ID").fill(credentials.access_key)
    page.get_by_label("Secret access key").fill(credentials.secret_key)
    page.get_by_label("Session token").fill(credentials.token or "")
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda url: "sign-in" not in url)


@pytest.fixture
def developer(browser, service):
    page = page_of(browser, service)
    sign_in(page, service.developer)
    yield page
    assert page.faults == []
    page.context.close()


def launch(page, name, template, fields=()):
    page.goto("/domains/new")
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_label(template).check()
    for label, value in fields:
        page.get_by_role("textbox", name=label, exact=True).fill(value)


def send(page, domain, method, target, body=""):
    """The status of a request from the pane."""
    page.goto(f"/domains/{domain}/request")
    page.get_by_label("Method").select_option(method)
    page.get_by_label("Path and query").fill(target)
    page.get_by_label("Body").fill(body)
    page.get_by_role("button", name="Send").click()
    return int(page.locator("[role=status] .badge").inner_text())


def test_launched_from_a_template_the_role_searches_and_a_stranger_reads_why_not(browser, service, developer, search_app, stranger):
    role = f"arn:aws:iam::{service.account}:role/search-app"
    launch(developer, "books", "Allow IAM roles, users or accounts", [("Roles, users, accounts", role)])
    # The preview follows what is typed, without sending the form.
    developer.wait_for_function("role => document.getElementById('preview').innerText.includes(role)", arg=role)
    developer.get_by_role("button", name="Launch", exact=True).click()
    developer.wait_for_url("**/domains/books")
    developer.get_by_text("https://localhost:").first.wait_for()

    inside = page_of(browser, service)
    sign_in(inside, search_app)
    assert send(inside, "books", "PUT", "/shelf/_doc/1?refresh=true", '{"title": "Programming Rust"}') == 201
    assert send(inside, "books", "GET", "/shelf/_search?q=title:rust") == 200
    assert "Programming Rust" in inside.locator("figure", has_text="Body").inner_text()

    outside = page_of(browser, service)
    sign_in(outside, stranger)
    assert send(outside, "books", "GET", "/shelf/_search") == 403
    request = outside.locator("[role=status] code").inner_text()
    developer.goto(f"/activity/{request}")
    assert "assumed-role/stranger" in developer.locator("main").inner_text()
    assert "es:ESHttpGet" in developer.locator("main").inner_text()

    # What lets the stranger in is shown to be wider before it is set; then it is in.
    developer.goto("/domains/books/policy")
    policy = developer.get_by_label("Policy").input_value()
    developer.get_by_label("Policy").fill(policy.replace("role/search-app", "root"))
    developer.get_by_role("button", name="Check and compare").click()
    assert developer.get_by_text("Wider", exact=True).is_visible()
    policy = policy.replace(f'"{role}"', f'["{role}", "arn:aws:iam::{service.account}:role/stranger"]')
    developer.get_by_label("Policy").fill(policy)
    developer.get_by_role("button", name="Check and compare").click()
    developer.get_by_role("button", name="Set it").click()
    developer.get_by_text("The access policy is in force.").wait_for()
    assert send(outside, "books", "GET", "/shelf/_search") == 200
    inside.context.close()
    outside.context.close()


@pytest.mark.parametrize(
    "name, template, field",
    [
        ("by-address", "Allow IP addresses", ("Addresses", "127.0.0.0/8")),
        ("open-to-all", "Open to everybody", None),
        ("closed", "Deny everybody", None),
        ("by-identity", "No access policy", None),
    ],
)
def test_every_template_launches(developer, name, template, field):
    launch(developer, name, template, [field] if field else [])
    developer.get_by_role("button", name="Launch", exact=True).click()
    developer.wait_for_url(f"**/domains/{name}")
    # The page looks again by itself until the endpoint is there.
    developer.get_by_text("https://localhost:").first.wait_for()


def test_what_strangers_name_is_text(service, developer):
    session = service.assume("search-app")
    assert send(developer, "dev", "PUT", f"/{quote(HOSTILE)}") == 400
    assert send(developer, "dev", "PUT", "/hostile/_doc/1?refresh=true", '{"title": "%s"}' % HOSTILE) == 201
    developer.goto(f"/domains/dev/indices/{quote(HOSTILE, safe='')}")
    developer.goto("/domains/dev/indices/hostile")
    developer.locator("summary").first.click()
    assert HOSTILE in developer.locator("main").inner_text()
    assert developer.title() != "hit" and developer.locator("main img").count() == 0
    assert session.token
    # The refused requests are the console's own words, not a fault of its script.
    developer.faults.clear()


def test_another_site_neither_frames_it_nor_sends_its_forms(browser, service, developer):
    console = service.ready["console"]
    other = developer.context.new_page()
    other.route("https://evil.example/", lambda route: route.fulfill(content_type="text/html", body=f"""
        <iframe src="{console}/domains"></iframe>
        <form method="post" action="{console}/domains/dev/delete"><input name="name" value="dev"></form>"""))
    other.goto("https://evil.example/")
    assert other.frames[1].url.startswith("chrome-error:") or other.frames[1].content() == "<html><head></head><body></body></html>"
    with other.expect_navigation():
        other.evaluate("document.forms[0].submit()")
    assert "nothing was done" in other.locator("body").inner_text()
    developer.goto("/domains/dev")
    assert developer.get_by_text("Active").first.is_visible()


def test_guesses_are_counted_and_no_script_reads_the_session(browser, service):
    page = page_of(browser, service)
    statuses = set()
    for _ in range(14):
        page.goto("/sign-in")
        page.get_by_label("Access key ID").fill("AKIAIOSFODNN7EXAMPLE")
        page.get_by_label("Secret access key").fill("guess")
        with page.expect_navigation() as navigation:
            page.get_by_role("button", name="Sign in").click()
        statuses.add(navigation.value.status)
    assert statuses == {403, 429}
    sign_in(page, service.developer)
    assert page.evaluate("document.cookie") == ""
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0
    page.context.close()


def test_it_is_read_without_a_script(browser, service):
    page = page_of(browser, service, java_script_enabled=False)
    sign_in(page, service.developer)
    launch(page, "plain", "Deny everybody")
    page.get_by_role("button", name="Look again").click()
    assert '"Deny"' in page.locator("#preview").inner_text()
    page.context.close()


def press(page, name, sure=None):
    """Presses a button; where that asks first, the answer's."""
    page.get_by_role("button", name=name, exact=True).first.click()
    if sure:
        page.get_by_role("alert").get_by_role("button", name=sure, exact=True).click()


def compare_and_set(page, change):
    """Changes a policy in its editor as a person does: compares, reads, sets. Returns what the comparison said."""
    policy = page.get_by_label("Policy", exact=True)
    policy.fill(change(policy.input_value()))
    press(page, "Check and compare")
    said = page.locator("main").inner_text()
    press(page, "Set it")
    return said


def test_identities_are_made_changed_and_taken_away(browser, service, developer):
    iam = service.client("iam")
    developer.goto("/identities")
    developer.get_by_label("User", exact=True).fill("ann")
    press(developer, "Create a user")
    developer.get_by_text("User ann was created.").wait_for()
    assert "aws iam create-user --user-name ann" in developer.locator(".done").inner_text()
    developer.goto("/identities")
    developer.get_by_label("Group", exact=True).fill("readers")
    press(developer, "Create a group")
    developer.get_by_label("Add a user").select_option("ann")
    press(developer, "Add")
    assert [user["UserName"] for user in iam.get_group(GroupName="readers")["Users"]] == ["ann"]

    developer.goto("/identities/new-policy")
    developer.get_by_label("Name", exact=True).fill("reading")
    press(developer, "Create")
    arn = f"arn:aws:iam::{service.account}:policy/reading"
    developer.get_by_role("link", name="Write a new version").click()
    said = compare_and_set(developer, lambda text: text.replace("es:ESHttpGet", "es:*"))
    assert "Wider" in said and "It would let in" in said, said
    assert iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"] == "v2"
    developer.get_by_role("link", name="v1").click()
    assert developer.get_by_text("Narrower", exact=True).is_visible()
    press(developer, "Put in force", "Put it in force")
    assert iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"] == "v1"

    developer.goto("/identities/new-role")
    developer.get_by_label("Name", exact=True).fill("night-shift")
    press(developer, "Create")
    developer.get_by_role("link", name="Change whom it trusts").click()
    said = compare_and_set(developer, lambda text: re.sub(r'"AWS": "[^"]*"', f'"AWS": "arn:aws:iam::{service.account}:user/ann"', text))
    assert "Changed lines" in said, said
    trust = iam.get_role(RoleName="night-shift")["Role"]["AssumeRolePolicyDocument"]
    assert trust["Statement"][0]["Principal"]["AWS"].endswith("user/ann")
    developer.get_by_label("Attach a policy").select_option(arn)
    press(developer, "Attach")
    developer.get_by_role("link", name="Write a policy of its own").click()
    developer.get_by_label("Name", exact=True).fill("own")
    compare_and_set(developer, lambda text: text)
    assert iam.list_role_policies(RoleName="night-shift")["PolicyNames"] == ["own"]
    press(developer, "Delete", "Delete")
    press(developer, "Detach", "Detach")
    press(developer, "Delete the role", "Delete the role")
    developer.get_by_text("Role night-shift was deleted.").wait_for()

    developer.goto("/identities/users/ann")
    developer.get_by_label("New password").fill("correct-Horse-1")
    press(developer, "Set a password")
    assert iam.get_login_profile(UserName="ann")["LoginProfile"]["PasswordResetRequired"]
    press(developer, "Create an access key")
    assert "not shown again" in developer.locator("main").inner_text()
    press(developer, "Rotate")
    press(developer, "Deactivate the old one", "Deactivate")
    statuses = sorted(key["Status"] for key in iam.list_access_keys(UserName="ann")["AccessKeyMetadata"])
    assert statuses == ["Active", "Inactive"]


PAGES = {
    "domains": "/domains",
    "launch": "/domains/new",
    "domain": "/domains/dev",
    "indices": "/domains/dev/indices",
    "index": "/domains/dev/indices/hostile",
    "request": "/domains/dev/request",
    "policy": "/domains/dev/policy",
    "who-can": "/domains/dev/who-can",
    "delete": "/domains/dev/delete",
    "identities": "/identities",
    "new-role": "/identities/new-role",
    "new-policy": "/identities/new-policy",
    "group": "/identities/groups/readers",
    "trust": "/identities/roles/search-app/trust",
    "own-policy": "/identities/users/developer/inline",
    "policy-versions": "/identities/policies/READING",
    "policy-edit": "/identities/policies/READING/edit",
    "user": "/identities/users/developer",
    "role": "/identities/roles/search-app",
    "managed-policy": "/identities/policies/" + quote("arn:aws:iam::aws:policy/AdministratorAccess", safe=""),
    "activity": "/activity",
    "about": "/about",
}


def test_every_page_is_accessible_and_has_its_picture(browser, service, axe):
    PICTURES.mkdir(parents=True, exist_ok=True)
    found = {}
    for scheme in ("light", "dark"):
        for width in (390, 1280):
            page = page_of(browser, service, color_scheme=scheme, viewport={"width": width, "height": 900}, bypass_csp=True)
            page.goto("/sign-in")
            page.screenshot(path=PICTURES / f"sign-in-{scheme}-{width}.png")
            sign_in(page, service.developer)
            for name, address in PAGES.items():
                page.goto(address.replace("READING", quote(f"arn:aws:iam::{service.account}:policy/reading", safe="")))
                page.screenshot(path=PICTURES / f"{name}-{scheme}-{width}.png", full_page=True)
                assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{name} is wider than {width}"
                if width == 390:
                    continue
                page.evaluate(axe)
                violations = page.evaluate("axe.run().then(results => results.violations)")
                for violation in violations:
                    nodes = [node["html"][:120] for node in violation["nodes"]]
                    found[f"{name} {scheme} {width}: {violation['id']}"] = nodes
            page.context.close()
    print(f"axe-core: {len(PAGES)} pages, light and dark, {len(found)} violations")
    assert found == {}


def test_the_readme_shows_what_a_wider_policy_would_let_in(browser, service):
    """Writes `readme-light.png` and `readme-dark.png`, which are kept as `docs/console-light.png` and `docs/console-dark.png`."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    for scheme in ("light", "dark"):
        page = page_of(browser, service, color_scheme=scheme, viewport={"width": 1000, "height": 620})
        sign_in(page, service.developer)
        page.goto("/domains/dev/policy")
        policy = page.get_by_label("Policy")
        policy.fill(policy.input_value().replace("role/search-app", "root"))
        page.get_by_role("button", name="Check and compare").click()
        compared = page.locator("section", has_text="Compared with the policy in force").last
        assert compared.get_by_text("Wider", exact=True).is_visible()
        compared.scroll_into_view_if_needed()
        page.evaluate("window.scrollTo(0, document.querySelector('.diff').closest('section').offsetTop - 24)")
        picture = PICTURES / f"readme-{scheme}.png"
        page.screenshot(path=picture)
        assert picture.stat().st_size <= 100 * 1024, f"{picture.stat().st_size} bytes"
        page.context.close()


def test_a_first_load_is_small(browser, service):
    page = page_of(browser, service)
    sizes = []
    page.on("response", lambda response: sizes.append((urlsplit(response.url).path, len(response.body()))) if response.status == 200 else None)
    sign_in(page, service.developer)
    page.goto("/domains/new", wait_until="networkidle")
    total = sum(dict(sizes).values())
    print(f"first load: {total} bytes: {dict(sizes)}")
    assert total <= FIRST_LOAD_BYTES_MAX
    page.context.close()
