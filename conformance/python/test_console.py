"""The console in Debian's Chromium: sign in, launch, be refused and read why, get in; every page looked at by axe-core.

Screenshots of each page, light and dark, narrow and wide, are written to `target/console/`.
"""

import json
import os
import re
import shutil
import subprocess
import types
from urllib.parse import quote, urlsplit

import pytest
from botocore.exceptions import ClientError
from playwright.sync_api import sync_playwright

from npm import ROOT, installed
from service import binary

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


@pytest.fixture
def say(capsys):
    """Prints what is measured, though the test passes."""

    def printed(text):
        with capsys.disabled():
            print(f"\n{text}")

    return printed


def page_of(browser, service, **options):
    """A page of a browser of its own, which trusts the certificate and fails the test when a script does."""
    context = browser.new_context(ignore_https_errors=True, base_url=service.ready["console"], **options)
    page = context.new_page()
    page.faults = []
    page.on("pageerror", lambda error: page.faults.append(str(error)))
    page.on("console", lambda said: page.faults.append(said.text) if said.type == "error" else None)
    return page


def sign_in(page, credentials):
    page.goto("/sign-in?with=key")
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
    policy = policy.replace(f'"{role}"', f'["{role}", "arn:aws:iam::{service.account}:role/stranger"]')
    developer.get_by_label("Policy").fill(policy)
    developer.get_by_role("button", name="Check and compare").click()
    assert developer.get_by_text("Wider", exact=True).is_visible()
    developer.get_by_role("button", name="Set it").click()
    developer.get_by_text("The access policy is in force.").wait_for()
    assert send(outside, "books", "GET", "/shelf/_search") == 200
    inside.context.close()
    outside.context.close()


def request_id(page):
    """The id of the request that the pane has just sent."""
    return page.locator("[role=status] code").inner_text()


def repair(developer, request):
    """Makes the change that the page of a denial proposes, after it was asked about."""
    developer.goto(f"/activity/{request}")
    developer.get_by_role("link", name="Make this change").click()
    assert "Make this change?" in developer.locator("main").inner_text()
    developer.get_by_role("button", name="Make it").click()
    developer.get_by_text("The policy is set.").wait_for()


OWN = """{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "es:ESHttp*", "Principal": {"AWS": "ROLE"},
  "Resource": "arn:aws:es:REGION:ACCOUNT:domain/from-own/*"}]}"""

# Each template: the domain, what is typed, and who is refused until a denial is repaired from its page.
TEMPLATES = [
    ("from-roles", "Allow IAM roles, users or accounts", ("Roles, users, accounts", "ROLE"), "stranger"),
    ("from-here", "Allow IP addresses", ("Addresses", "127.0.0.0/8"), None),
    ("from-elsewhere", "Allow IP addresses", ("Addresses", "192.0.2.0/24"), "search-app"),
    ("from-open", "Open to everybody", None, None),
    ("from-own", "Write it myself", ("Own policy", OWN), "stranger"),
    ("from-identity", "No access policy", None, "search-app"),
]


@pytest.mark.parametrize("name, template, field, refused", TEMPLATES)
def test_from_each_template_who_is_refused_gets_in_by_the_repair_of_its_page(
    browser, service, developer, search_app, stranger, name, template, field, refused
):
    filled = {"ROLE": f"arn:aws:iam::{service.account}:role/search-app", "REGION": service.region, "ACCOUNT": service.account}
    if field:
        label, value = field
        for word, meant in filled.items():
            value = value.replace(word, meant)
        field = (label, value)
    launch(developer, name, template, [field] if field else [])
    developer.get_by_role("button", name="Launch", exact=True).click()
    developer.wait_for_url(f"**/domains/{name}")
    # The page looks again by itself until the endpoint is there.
    developer.get_by_text("https://localhost:").first.wait_for()
    for who, credentials in (("search-app", search_app), ("stranger", stranger)):
        page = page_of(browser, service)
        sign_in(page, credentials)
        status = send(page, name, "GET", "/shelf/_search?ignore_unavailable=true")
        if who == refused:
            assert status == 403, who
            repair(developer, request_id(page))
            status = send(page, name, "GET", "/shelf/_search?ignore_unavailable=true")
        assert (status == 200) == (who == refused or refused is None or who == "search-app" and refused == "stranger"), who
        page.context.close()


def test_a_policy_that_denies_everybody_is_repaired_for_the_one_request(browser, service, developer, search_app):
    launch(developer, "from-closed", "Deny everybody")
    developer.get_by_role("button", name="Launch", exact=True).click()
    developer.wait_for_url("**/domains/from-closed")
    developer.get_by_text("https://localhost:").first.wait_for()
    page = page_of(browser, service)
    sign_in(page, search_app)
    assert send(page, "from-closed", "GET", "/shelf/_search") == 403
    developer.goto(f"/activity/{request_id(page)}")
    assert "What would allow it" in developer.locator("main").inner_text()
    repair(developer, request_id(page))
    assert send(page, "from-closed", "GET", "/shelf/_search?ignore_unavailable=true") != 403
    assert send(page, "from-closed", "GET", "/shelf/_count") == 403
    page.context.close()


def test_the_audit_is_searched_page_by_page_and_its_faults_keep_what_was_typed(developer, service):
    developer.goto("/activity")
    developer.get_by_label("Principal").fill("*:user/developer")
    developer.get_by_label("Decision").select_option("allowed")
    developer.get_by_role("button", name="Search").click()
    rows = developer.locator("tbody tr")
    assert rows.count() == 50 and "user/developer" in rows.first.inner_text()
    first = rows.first.locator("a").get_attribute("href")
    developer.get_by_role("link", name="Older ones").click()
    assert developer.locator(f'a[href="{first}"]').count() == 0
    assert developer.get_by_label("Principal").input_value() == "*:user/developer"
    developer.get_by_label("From").fill("yesterday")
    developer.get_by_role("button", name="Search").click()
    assert "expected a time" in developer.locator("#from-about").inner_text()
    assert developer.get_by_label("Principal").input_value() == "*:user/developer"
    developer.faults.clear()


def completed(page, typed, expected):
    """Types a path, and waits until the pane proposes what is expected."""
    page.get_by_label("Path and query").fill(typed)
    proposes = "value => [...document.querySelectorAll('#paths option')].some(option => option.value === value)"
    page.wait_for_function(proposes, arg=expected)


def test_a_request_is_completed_by_path_and_by_key_and_remembered(service, developer):
    developer.goto("/domains/dev/request")
    completed(developer, "/_clu", "/_cluster/health")
    completed(developer, "/shelf/_se", "/shelf/_search")
    completed(developer, "/shelf/_search?track", "/shelf/_search?track_total_hits=")
    completed(developer, "/shelf/_search?size=1&fr", "/shelf/_search?size=1&from=")
    assert developer.locator("#paths option[value='/shelf/_bulk']").count() == 0, "GET has no _bulk"
    developer.get_by_label("Method").select_option("POST")
    completed(developer, "/shelf/_bu", "/shelf/_bulk")
    assert send(developer, "dev", "GET", "/_cat/indices?v=true") == 200
    assert send(developer, "dev", "GET", "/_cluster/health?pretty=true") == 200
    developer.get_by_role("link", name="GET /_cat/indices?v=true").click()
    developer.wait_for_url("**/request?again=*")
    assert developer.get_by_label("Path and query").input_value() == "/_cat/indices?v=true"


def copied(page, summary):
    """What the button of a folded example puts into the clipboard."""
    example = page.locator("details").filter(has=page.locator("summary", has_text=re.compile(f"^{summary}$")))
    example.locator("summary").click()
    example.get_by_role("button", name="Copy").click()
    example.get_by_role("button", name="Copied").wait_for()
    return page.evaluate("navigator.clipboard.readText()")


def test_what_the_pane_copies_sends_the_same_request(service, developer):
    developer.context.grant_permissions(["clipboard-read", "clipboard-write"])
    title = "it's \"here\" $HOME"
    assert send(developer, "dev", "PUT", "/copied/_doc/1?refresh=true", json.dumps({"title": title})) == 201
    asked = json.dumps({"query": {"match": {"title": title}}})
    assert send(developer, "dev", "POST", "/copied/_search?filter_path=hits.hits._source", asked) == 200
    answer = json.loads(developer.locator("section", has_text="Answer").locator("figure pre").first.inner_text())
    assert answer["hits"]["hits"][0]["_source"]["title"] == title
    environment = service.environment_of(service.developer)
    environment["PATH"] = os.pathsep.join([os.path.dirname(os.path.abspath(binary())), environment["PATH"]])
    for tool in ("curl", "countersign"):
        line = copied(developer, tool)
        done = subprocess.run(["sh", "-c", line], env=environment, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, f"{line}\n{done.stderr}"
        assert json.loads(done.stdout) == answer, line
    sent = []
    transport = types.SimpleNamespace(perform_request=lambda method, target, body=None: sent.append((method, target, body)))
    exec(copied(developer, "Python"), {"client": types.SimpleNamespace(transport=transport)})
    assert sent == [("POST", "/copied/_search?filter_path=hits.hits._source", asked)]


def test_documents_of_an_index_come_page_by_page(service, developer):
    lines = [line for number in range(45) for line in ('{"index": {}}', json.dumps({"number": number}))]
    assert send(developer, "dev", "POST", "/paged/_bulk?refresh=true", "\n".join(lines)) == 200
    developer.goto("/domains/dev/indices/paged")
    for page in ("1 to 20", "21 to 40", "41 to 45"):
        developer.get_by_text(f"Documents {page} of 45.").wait_for()
        if page != "41 to 45":
            developer.get_by_role("link", name="Next").click()
    developer.get_by_role("link", name="Previous").click()
    developer.get_by_text("Documents 21 to 40 of 45.").wait_for()
    developer.get_by_label("Search").fill("number:7")
    developer.get_by_role("button", name="Search").click()
    developer.get_by_text("Documents 1 to 1 of 1.").wait_for()
    for part in ("Mappings", "Aliases", "Settings"):
        developer.locator("summary", has_text=part).click()
    assert '"number"' in developer.locator("main").inner_text()


def test_what_strangers_name_is_text(service, developer):
    assert send(developer, "dev", "PUT", f"/{quote(HOSTILE)}") == 400
    assert send(developer, "dev", "PUT", "/hostile/_doc/1?refresh=true", '{"title": "%s"}' % HOSTILE) == 201
    developer.goto(f"/domains/dev/indices/{quote(HOSTILE, safe='')}")
    developer.goto("/domains/dev/indices/hostile")
    developer.locator("summary").first.click()
    assert HOSTILE in developer.locator("main").inner_text()
    assert developer.title() != "hit" and developer.locator("main img").count() == 0
    # The refused requests are the console's own words, not a fault of its script.
    developer.faults.clear()


def test_what_strangers_send_is_text_in_the_pages_of_the_audit(browser, service, developer, stranger):
    with pytest.raises(ClientError, match="roleSessionName"):
        service.assume("search-app", session=HOSTILE)
    outside = page_of(browser, service, user_agent=HOSTILE)
    sign_in(outside, stranger)
    assert send(outside, "dev", "PUT", f"/{quote(HOSTILE)}/_doc/1", '{"title": "%s"}' % HOSTILE) == 403
    request = request_id(outside)
    outside.context.close()
    developer.goto("/activity?action=sts%3AAssumeRole")
    assert developer.title() != "hit" and developer.locator("main img").count() == 0
    for address in ("/activity", f"/activity?index={quote(HOSTILE)}", "/activity/denials", f"/activity/{request}"):
        developer.goto(address)
        assert "<img src=x" in developer.locator("main").inner_text() or "%3Cimg" in developer.locator("main").inner_text(), address
        assert developer.title() != "hit" and developer.locator("main img").count() == 0, address


def test_a_new_policy_is_tried_on_what_was_asked_before_it_is_set(browser, service, developer, search_app):
    inside = page_of(browser, service)
    sign_in(inside, search_app)
    assert send(inside, "dev", "PUT", "/tried/_doc/1", "{}") == 201
    inside.context.close()
    developer.goto("/domains/dev/policy")
    policy = developer.get_by_label("Policy").input_value()
    developer.get_by_label("Policy").fill(policy.replace('"Allow"', '"Deny"'))
    developer.get_by_role("button", name="Check and compare").click()
    traffic = developer.locator("section", has_text="On recorded traffic").inner_text()
    assert "would be denied" in traffic and "assumed-role/search-app" in traffic
    assert developer.get_by_text("Narrower", exact=True).is_visible()


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
        page.goto("/sign-in?with=key")
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


def test_a_domain_is_launched_by_the_keyboard_alone(developer):
    developer.goto("/domains/new")
    developer.keyboard.press("Tab")
    assert developer.evaluate("document.activeElement.innerText") == "Skip to content"
    box = developer.locator(":focus").bounding_box()
    assert box["x"] >= 0 and box["y"] >= 0, "it is seen once it has the focus"
    for _ in range(40):
        developer.keyboard.press("Tab")
        assert developer.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
        if developer.evaluate("document.activeElement.id") == "name":
            break
    developer.keyboard.type("by-keyboard")
    developer.keyboard.press("Enter")
    developer.wait_for_url("**/domains/by-keyboard")


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
    developer.get_by_role("link", name="Write an inline policy").click()
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
    press(developer, "Deactivate the old key", "Deactivate")
    statuses = sorted(key["Status"] for key in iam.list_access_keys(UserName="ann")["AccessKeyMetadata"])
    assert statuses == ["Active", "Inactive"]


def test_a_session_that_is_revoked_in_a_browser_ends_at_once(browser, service, developer):
    session = service.assume("search-app")
    inside = page_of(browser, service)
    sign_in(inside, session)
    assert send(inside, "dev", "GET", "/_cluster/health") == 200
    developer.goto("/identities/roles/search-app")
    row = developer.get_by_role("row").filter(has_text=session.access_key)
    row.get_by_role("button", name="Revoke").click()
    developer.get_by_role("alert").get_by_role("button", name="Revoke").click()
    developer.get_by_text("1 revoked.").wait_for()
    inside.goto("/domains/dev/request")
    assert urlsplit(inside.url).path == "/sign-in"
    inside.context.close()


def test_who_can_do_what_takes_the_roles_of_the_domain_into_account(service, developer):
    everybody = f"""{{"Version": "2012-10-17", "Statement": [{{"Effect": "Allow", "Principal": "*", "Action": "es:ESHttp*",
        "Resource": "arn:aws:es:{service.region}:{service.account}:domain/guarded/*"}}]}}"""
    service.client("opensearch").create_domain(
        DomainName="guarded", AccessPolicies=everybody, NodeToNodeEncryptionOptions={"Enabled": True}, EncryptionAtRestOptions={"Enabled": True},
        AdvancedSecurityOptions={"Enabled": True, "MasterUserOptions": {"MasterUserARN": f"arn:aws:iam::{service.account}:user/developer"}})
    developer.goto("/domains/guarded")
    developer.get_by_text("https://localhost:").first.wait_for()
    developer.goto("/domains/guarded/who-can?index=shelf")
    master, app = (developer.get_by_role("row").filter(has_text=who) for who in ("user/developer", "role/search-app"))
    assert "roles all_access" in master.inner_text() and "no role of the domain" in app.inner_text()
    master.locator("summary").first.click()
    assert "By role all_access." in master.inner_text(), master.inner_text()
    app.locator("summary").first.click()
    assert "Yes" not in app.inner_text() and "no permissions for [indices:data/read/search]" in app.inner_text(), app.inner_text()


PAGES = {
    "domains": "/domains",
    "launch": "/domains/new",
    "domain": "/domains/dev",
    "indices": "/domains/dev/indices",
    "index": "/domains/dev/indices/hostile",
    "request": "/domains/dev/request",
    "policy": "/domains/dev/policy",
    "configuration": "/domains/dev/configuration",
    "who-can": "/domains/dev/who-can",
    "who-can-roles": "/domains/guarded/who-can?index=shelf",
    "delete": "/domains/dev/delete",
    "identities": "/identities",
    "new-role": "/identities/new-role",
    "new-policy": "/identities/new-policy",
    "group": "/identities/groups/readers",
    "trust": "/identities/roles/search-app/trust",
    "own-policy": "/identities/users/developer/inline",
    "own-policy-of-a-role": "/identities/roles/search-app/inline",
    "own-policy-of-a-group": "/identities/groups/readers/inline",
    "policy-versions": "/identities/policies/READING",
    "policy-edit": "/identities/policies/READING/edit",
    "user": "/identities/users/developer",
    "role": "/identities/roles/search-app",
    "managed-policy": "/identities/policies/" + quote("arn:aws:iam::aws:policy/AdministratorAccess", safe=""),
    "progress": "/domains/dev/progress",
    "activity": "/activity",
    "denials": "/activity/denials",
    "health": "/health",
    "settings": "/settings",
    "about": "/about",
    "you": "/sessions",
    "switch-role": "/switchrole",
    "password": "/password",
}


def of_a_denial(page):
    """The pages of a denial, and of what would allow it."""
    page.goto("/activity/denials")
    denial = page.locator("tbody a").first.get_attribute("href")
    return {"denial": denial, "repair": f"{denial}/repair?change=0"}


def addresses():
    """The addresses of the console's table of pages, but for what is no page: a list for a script."""
    table = (ROOT / "crates" / "console" / "src" / "routes.rs").read_text()
    shown = set(re.findall(r'show\("([^"]+)"', table)) - {"/domains/{domain}/request/paths"}
    others = {"password": "/password", "own_sessions": "/sessions", "switch_role": "/switchrole"}
    named = re.findall(r"show\((\w+)::ADDRESS", table)
    return shown | {others[name] for name in named}


def addressed(service, address):
    """The address of a page of PAGES."""
    return address.replace("READING", quote(f"arn:aws:iam::{service.account}:policy/reading", safe=""))


def test_every_page_is_read_without_a_script(browser, service):
    readers = [page_of(browser, service, java_script_enabled=enabled) for enabled in (True, False)]
    for page in readers:
        sign_in(page, service.developer)

    def words(page, name, address):
        assert page.goto(addressed(service, address)).ok, name
        # Numbers change from one look to the next, and the button that copies is the script's.
        return re.sub(r"[\d.,:–-]+|Copy", "", page.locator("main").inner_text()).split()

    for name, address in PAGES.items():
        with_script, without = [words(page, name, address) for page in readers]
        if name not in CHANGING:
            assert with_script == without, name
        assert len(without) > 10, name
    for page in readers:
        assert page.faults == []
        page.context.close()


# Pages that tell what the tests themselves ask meanwhile.
CHANGING = {"activity", "denials", "health", "you"}

UNREACHED = """() => {
  const seen = element => element.getClientRects().length > 0 && getComputedStyle(element).visibility !== "hidden";
  const all = [...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary, pre, [role=region]")].filter(seen);
  return all.filter(element => {
    element.focus();
    return document.activeElement !== element || element.tabIndex < 0 || getComputedStyle(element).outlineStyle === "none";
  }).map(element => element.outerHTML.slice(0, 120));
}"""


def test_everything_on_every_page_is_reached_by_the_keyboard_and_seen_to_be(browser, service):
    page = page_of(browser, service)
    sign_in(page, service.developer)
    for name, address in PAGES.items():
        page.goto(addressed(service, address))
        page.evaluate("document.querySelectorAll('details').forEach(details => { details.open = true })")
        page.keyboard.press("Tab")
        assert page.evaluate(UNREACHED) == [], name
    assert page.faults == []
    page.context.close()


def test_every_page_of_the_table_has_its_picture():
    pictured = [*PAGES.values(), "/activity/ID", "/activity/ID/repair?change=0", "/"]
    for address in addresses():
        pattern = re.sub(r"\\{\w+\\}", "[^/]+", re.escape(address)) + r"(\?.*)?"
        assert any(re.fullmatch(pattern, picture) for picture in pictured), f"{address} has no picture"


def test_every_page_is_accessible_and_has_its_picture(browser, service, axe, say):
    PICTURES.mkdir(parents=True, exist_ok=True)
    found = {}
    for scheme in ("light", "dark"):
        for width in (390, 1280):
            page = page_of(browser, service, color_scheme=scheme, viewport={"width": width, "height": 900}, bypass_csp=True)
            page.goto("/sign-in")
            page.screenshot(path=PICTURES / f"sign-in-{scheme}-{width}.png")
            sign_in(page, service.developer)
            pages = {**PAGES, **of_a_denial(page)}
            for name, address in pages.items():
                page.goto(addressed(service, address))
                page.screenshot(path=PICTURES / f"{name}-{scheme}-{width}.png", full_page=True)
                assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{name} is wider than {width}"
                # What is folded away is looked at, too.
                page.evaluate("document.querySelectorAll('details').forEach(details => { details.open = true })")
                page.evaluate(axe)
                violations = page.evaluate("axe.run().then(results => results.violations)")
                for violation in violations:
                    nodes = [node["html"][:120] for node in violation["nodes"]]
                    found[f"{name} {scheme} {width}: {violation['id']}"] = nodes
            page.context.close()
    say(f"axe-core: {len(pages)} pages, light and dark, 390 and 1280 wide, {len(found)} violations")
    assert found == {}


def test_the_readme_shows_what_a_wider_policy_would_let_in(browser, service):
    """Writes `readme-light.png` and `readme-dark.png`, which are kept as `docs/console-light.png` and `docs/console-dark.png`."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    for scheme in ("light", "dark"):
        page = page_of(browser, service, color_scheme=scheme, viewport={"width": 1000, "height": 620})
        sign_in(page, service.developer)
        page.goto("/domains/dev/policy")
        policy = page.get_by_label("Policy")
        policy.fill(policy.input_value().replace(f"arn:aws:iam::{service.account}:role/search-app", "*"))
        page.get_by_role("button", name="Check and compare").click()
        compared = page.locator("section", has_text="Compared with the policy in force").last
        assert compared.get_by_text("Wider", exact=True).is_visible()
        compared.scroll_into_view_if_needed()
        page.evaluate("window.scrollTo(0, document.querySelector('.diff').closest('section').offsetTop - 24)")
        picture = PICTURES / f"readme-{scheme}.png"
        page.screenshot(path=picture)
        assert picture.stat().st_size <= 100 * 1024, f"{picture.stat().st_size} bytes"
        page.context.close()


def test_a_first_load_of_any_page_is_small(browser, service, say):
    page = page_of(browser, service)
    sign_in(page, service.developer)
    state = page.context.storage_state()
    page.context.close()
    totals = {}
    for name, address in PAGES.items():
        # Nothing is in the cache of a new browser.
        page = page_of(browser, service, storage_state=state)
        sizes = {}
        page.on("response", lambda response: sizes.update({urlsplit(response.url).path: len(response.body())}) if response.status == 200 else None)
        page.goto(addressed(service, address), wait_until="networkidle")
        totals[name] = sum(sizes.values())
        page.context.close()
    largest = sorted(totals.items(), key=lambda total: -total[1])
    say("first load, bytes: " + ", ".join(f"{name} {total:,}" for name, total in largest))
    assert largest[0][1] <= FIRST_LOAD_BYTES_MAX, largest[:3]
