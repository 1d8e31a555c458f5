"""The moderators' pages of what is given back to OSM, and connecting an account."""

from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from geo.osm_change import read_change
from mapper.errors import Unavailable
from mapper.moderation.actions import erase_device
from mapper.moderation.models import Act, Decision
from mapper.upstream import accounts, oauth
from mapper.upstream.models import Account, Proposal, PushBatch, Stop
from tests.factories import LAT, UserFactory
from tests.fake_osm.faults import FaultyTransport
from tests.mapper.upstream.conftest import approve_all, make_account, osm_device, run, seen
from tests.people import browser_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(alice):
    return browser_of(alice)


@pytest.fixture
def lacking(world, alice):
    """Return a device of which OSM lacks the mount."""
    return seen(osm_device(world, 7, operator="Ville"), alice, mount="pole")


def page_of(device):
    return f"/en/moderation/osm/devices/{device.id}/"


def test_the_desk_lists_what_osm_does_not_say(browser, lacking, world, alice):
    seen(osm_device(world, 8, lat=LAT + 0.001), alice, lat=LAT + 0.001)

    said = browser.get("/en/moderation/osm/").content.decode()

    assert f"/moderation/osm/devices/{lacking.id}/" in said
    assert said.count("/moderation/osm/devices/") == 1


def test_one_click_approves_one_object_by_name(browser, lacking, alice, account):
    answer = browser.post(
        page_of(lacking), {"act": "give_back", "version": "1", "field": ["mount"]}
    )

    assert answer.status_code == 302
    proposal = Proposal.objects.get()
    assert (proposal.approver, proposal.state) == (alice, "approved")
    decision = Decision.objects.get(act=Act.GIVE_BACK)
    assert (decision.actor, decision.target, decision.device) == (alice, proposal.id, lacking.id)
    # And by the same click's button it is taken back.
    browser.post("/en/moderation/decisions/", {"decision": str(decision.id)})
    proposal.refresh_from_db()
    assert proposal.state == "withdrawn"


@pytest.mark.parametrize(
    ("post", "status"),
    [
        ({"act": "give_back", "version": "1"}, 400),
        ({"act": "give_back", "version": "1", "field": "operator"}, 400),
        ({"act": "give_back", "version": "9", "field": "mount"}, 412),
        ({"act": "give_back", "version": "x", "field": "mount"}, 400),
        ({"act": "give_back", "version": "1" * 30, "field": "mount"}, 400),
        ({"act": "all", "version": "1"}, 404),
        ({"act": "settle", "version": "1"}, 404),
        ({}, 400),
    ],
)
@pytest.mark.usefixtures("account")
def test_a_wrong_form_changes_nothing(browser, lacking, post, status):
    assert browser.post(page_of(lacking), post).status_code == status
    assert not Proposal.objects.exists()


def test_a_second_click_finds_it_on_its_way(browser, lacking, account):
    form = {"act": "give_back", "version": "1", "field": ["mount"]}
    browser.post(page_of(lacking), form)

    assert browser.post(page_of(lacking), form).status_code == 409
    assert Proposal.objects.count() == 1
    assert b"On its way" in browser.get(page_of(lacking)).content


def test_a_conflict_shows_base_ours_and_theirs(browser, lacking, world, account):
    browser.post(page_of(lacking), {"act": "give_back", "version": "1", "field": ["mount"]})
    world.edit("node/7", tags={"camera:mount": "building"})
    run(world, account)

    said = browser.get(page_of(lacking)).content.decode()
    assert "Somebody else changed the same field" in said
    for word in ("not said", "building", "pole"):
        assert word in said
    form = {"act": "settle", "version": "2", "pick-mount": "ours"}
    assert browser.post(page_of(lacking), form).status_code == 412
    form["proposal"] = str(Proposal.objects.get().id)
    browser.post(page_of(lacking), form)
    assert run(world, account)[0].sent == 1
    assert world.current("node/7")["tags"]["camera:mount"] == "pole"
    assert world.current("node/7")["tags"]["operator"] == "Ville"


def test_the_switch_stops_and_somebody_turns_it_back(browser, lacking, world, account):
    browser.post("/en/moderation/osm/", {"act": "stop"})
    stop = Stop.objects.get()
    assert b"Turn it on again" in browser.get("/en/moderation/osm/").content
    browser.post("/en/moderation/osm/", {"act": "answer", "id": str(stop.id)})
    assert b"Stop all sending" in browser.get("/en/moderation/osm/").content
    assert Decision.objects.filter(act__in=[Act.STOP_SENDING, Act.ANSWER_STOP]).count() == 2


def test_a_changeset_is_taken_back_by_a_click(browser, lacking, world, account):
    browser.post(page_of(lacking), {"act": "give_back", "version": "1", "field": ["mount"]})
    run(world, account)
    batch = PushBatch.objects.get()

    browser.post("/en/moderation/osm/", {"act": "take_back", "id": str(batch.id)})
    run(world, account)

    assert "camera:mount" not in world.current("node/7")["tags"]
    again = browser.post("/en/moderation/osm/", {"act": "take_back", "id": str(batch.id)})
    assert again.status_code == 409


@pytest.mark.parametrize("post", [{"act": "x"}, {"act": "answer", "id": "7"}, {"act": "take_back"}])
def test_the_desk_refuses_what_it_does_not_know(browser, post):
    assert browser.post("/en/moderation/osm/", post).status_code in (400, 404)


def test_a_change_file_and_josm_carry_the_same(browser, lacking):
    body = browser.get(f"/moderation/osm/devices/{lacking.id}.osc")
    ((action, node),) = read_change(body.content)

    assert (action, node.key, node.version) == ("modify", ("node", 7), 1)
    assert node.tags["camera:mount"] == "pole"
    assert node.tags["operator"] == "Ville"
    said = browser.get(page_of(lacking)).content.decode()
    assert "load_object?objects=n7&amp;addtags=camera%3Amount%3Dpole" in said
    assert "/note/new#map=19/48.11" in said


def test_a_new_device_has_a_change_file_too(browser, alice):
    device = seen(None, alice, moved=True, direction="45")
    ((action, node),) = read_change(browser.get(f"/moderation/osm/devices/{device.id}.osc").content)

    assert (action, node.osm_id, node.tags["camera:direction"]) == ("create", -1, "NE")


def test_an_editor_and_a_stranger_see_nothing(lacking, erin, charlie):
    for path in ("/en/moderation/osm/", page_of(lacking), "/en/moderation/osm/account/"):
        assert browser_of(erin).get(path).status_code == 403
        assert charlie.get(path).status_code == 302


def test_nothing_is_approved_where_nothing_can_be_sent(browser, lacking, settings):
    form = {"act": "give_back", "version": "1", "field": "mount"}
    assert browser.post(page_of(lacking), form).status_code == 409
    make_account()
    settings.OSM_PUSH = ""
    assert browser.post(page_of(lacking), form).status_code == 409
    assert not Proposal.objects.exists()


def test_what_is_to_be_taken_back_can_be_left_as_it_is(browser, lacking, world, account):
    browser.post(page_of(lacking), {"act": "give_back", "version": "1", "field": ["mount"]})
    run(world, account)
    desk = {"act": "take_back", "id": str(PushBatch.objects.get().id)}
    browser.post("/en/moderation/osm/", desk)
    back = Proposal.objects.get(action="revert")
    form = {"act": "withdraw", "version": "0", "proposal": str(back.id)}
    # Of a take-back no field and no place is anybody's to choose.
    assert b"<strong>" not in browser.get(page_of(lacking)).content.split(b'id="differs-title"')[1]
    browser.post(page_of(lacking), form)

    assert Decision.objects.filter(act=Act.LEAVE_SENT).count() == 1
    assert run(world, account)[0].sent == 0
    # And may be taken back after all.
    browser.post("/en/moderation/osm/", desk)
    assert run(world, account)[0].sent == 1


def test_an_erased_device_leaves_no_word_of_what_was_to_be_said(browser, lacking, alice, account):
    browser.post(page_of(lacking), {"act": "give_back", "version": "1", "field": ["mount"]})
    erase_device(device=lacking, actor=alice, reason="law")

    proposal = Proposal.objects.get()
    assert proposal.state == "withdrawn"
    assert (proposal.changes, proposal.base, proposal.place) == ({}, {}, None)


def test_whoever_has_no_account_takes_nothing_back(lacking, world, alice, settings):
    settings.OSM_PUSH = "own"
    approve_all(lacking, alice)
    run(world, make_account(alice))
    desk = {"act": "take_back", "id": str(PushBatch.objects.get().id)}
    bruno = browser_of(UserFactory(username="bruno"))
    assert bruno.post("/en/moderation/osm/", desk).status_code == 409
    assert not Proposal.objects.filter(action="revert").exists()
    assert browser_of(alice).post("/en/moderation/osm/", desk).status_code == 302


def test_a_neighbour_that_came_while_she_looked_is_looked_at_first(browser, world, alice, account):
    device = seen(None, alice, moved=True, mount="pole")
    assert 'name="near" value=""' in browser.get(page_of(device)).content.decode()
    osm_device(world, 8)
    form = {"act": "give_back", "version": "0", "field": ["mount"], "near": ""}
    assert browser.post(page_of(device), form).status_code == 412
    assert 'name="near" value="8"' in browser.get(page_of(device)).content.decode()
    assert browser.post(page_of(device), form | {"near": "x"}).status_code == 400
    assert browser.post(page_of(device), form | {"near": "8"}).status_code == 302
    assert Proposal.objects.get().base == {"near": [8]}


def test_what_was_never_sent_comes_first(browser, lacking, world, alice, account, monkeypatch):
    monkeypatch.setattr("mapper.web.osm_desk._PAGE_SIZE", 1)
    approve_all(lacking, alice)
    run(world, account)
    device = seen(osm_device(world, 8, lat=LAT + 0.01), alice, lat=LAT + 0.01, mount="pole")

    said = browser.get("/en/moderation/osm/").content.decode()
    assert f"/moderation/osm/devices/{device.id}/" in said
    assert (
        "Nothing on this page differs" in browser.get("/en/moderation/osm/?page=2").content.decode()
    )


# --- the account ---


@pytest.fixture
def osm(world, monkeypatch):
    """Let every connection of OAuth and of the API reach the world."""
    transport = FaultyTransport(world)
    opened = httpx.Client.__init__

    def opening(self, *args, **options):
        options["transport"] = options.get("transport") or transport
        opened(self, *args, **options)

    monkeypatch.setattr(httpx.Client, "__init__", opening)
    return world


def go_to_osm(browser, osm, **post):
    """Begin a login, and come back as OSM sends people back: to a page that knows no session."""
    browser.post("/en/moderation/osm/account/", {"act": "connect", "knows": "1"} | post)
    said = browser.post("/en/moderation/osm/account/", {"act": "connect", "knows": "1"} | post)
    address = said.context["address"]
    answer = osm.handle("GET", urlsplit(address)._replace(scheme="", netloc="").geturl(), {})
    back = urlsplit(answer.headers["Location"])
    assert back.path == "/moderation/osm/account/back/"
    return parse_qs(urlsplit(address).query), f"{back.path}?{back.query}"


def test_a_login_goes_there_and_back_with_pkce(oscar, osm, charlie):
    browser = browser_of(oscar)
    asked, back = go_to_osm(browser, osm)

    assert asked["scope"] == ["read_prefs write_api"]
    assert asked["code_challenge_method"] == ["S256"]
    bounce = charlie.get(back)
    assert b"http-equiv" in bounce.content
    answer = browser.get(f"{back}&again=1")
    assert answer.status_code == 302
    account = Account.objects.get()
    assert accounts.name_of(account) == "Contrechamp"
    (token,) = [t for t in osm.tokens if t != "token-of-contrechamp"]
    assert token not in account.sealed_token + account.sealed_name
    assert "Contrechamp" not in account.sealed_name

    browser.post("/en/moderation/osm/account/", {"act": "disconnect"})
    assert token not in osm.tokens
    assert not Account.objects.exists()


def test_a_login_that_was_not_begun_here_is_refused(oscar, osm):
    browser = browser_of(oscar)
    _asked, back = go_to_osm(browser, osm)

    assert browser_of(oscar).get(f"{back}&again=1").status_code == 400
    assert browser.get(f"{back}x&again=1").status_code == 400
    _asked, back = go_to_osm(browser, osm)
    assert browser.get(back.replace("state=", "state=é") + "&again=1").status_code == 400
    assert not Account.objects.exists()


def test_who_says_no_at_osm_connects_nothing(oscar, osm):
    osm.oauth.says_no = True
    browser = browser_of(oscar)
    _asked, back = go_to_osm(browser, osm)

    assert browser.get(f"{back}&again=1").status_code == 400
    assert not Account.objects.exists()


def test_only_an_operator_connects_the_project_s_account(alice, osm):
    said = browser_of(alice).post("/en/moderation/osm/account/", {"act": "connect", "knows": "1"})

    assert said.status_code == 403


def test_one_s_own_account_comes_with_a_warning(alice, osm, settings):
    settings.OSM_PUSH = "own"
    browser = browser_of(alice)

    assert (
        b"The name of the account is public." in browser.get("/en/moderation/osm/account/").content
    )
    assert browser.post("/en/moderation/osm/account/", {"act": "connect"}).status_code == 400
    _asked, back = go_to_osm(browser, osm)
    browser.get(f"{back}&again=1")
    assert Account.objects.get().user == alice


def test_a_second_login_is_refused_while_one_stands(oscar, osm, account):
    said = browser_of(oscar).post("/en/moderation/osm/account/", {"act": "connect", "knows": "1"})
    assert said.status_code == 409
    # Sealed under another SECRET_KEY it is as good as none.
    Account.objects.update(sealed_token="x")
    go_to_osm(browser_of(oscar), osm)
    assert accounts.in_use() == []


def test_an_access_that_osm_does_not_take_back_is_kept(account, oscar, monkeypatch):
    def revoke(**_):
        raise Unavailable("OpenStreetMap does not answer.")

    monkeypatch.setattr(oauth, "revoke", revoke)
    with pytest.raises(Unavailable):
        accounts.disconnect(account=account, actor=oscar)
    assert Account.objects.exists()
