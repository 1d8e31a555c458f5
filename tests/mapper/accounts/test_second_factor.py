"""The second factor: set up without scripts, asked for at the one login, worth nothing twice."""

import datetime
import re
import time
from io import StringIO

import pyotp
import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.test import Client

from mapper.accounts import second_factor
from mapper.accounts.models import RecoveryCode, SecondFactor, User
from mapper.errors import Conflict, Forbidden, TooMany
from tests.factories import PASSWORD
from tests.people import browser_of

pytestmark = pytest.mark.django_db
LOGIN, PAGE = "/en/staff/login/", "/en/staff/second-factor/"
NOW = datetime.datetime(2026, 5, 12, 14, 0, tzinfo=datetime.UTC)


@pytest.fixture
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


def code_of(secret):
    return pyotp.TOTP(secret).at(int(time.time()))


def enrol(user):
    """Switch a second factor on; return its secret and the recovery codes."""
    secret = second_factor.begin(user=user)
    codes = second_factor.confirm(user=user, code=code_of(secret))
    user.refresh_from_db()
    return secret, codes


@pytest.fixture
def alices(alice, clock):
    secret, codes = enrol(alice)
    # The code that switched it on was used.
    clock.shift(60)
    return secret, codes


def password(browser, name="alice"):
    return browser.post(LOGIN, {"username": name, "password": PASSWORD})


def is_in(browser):
    return browser.get("/en/moderation/").status_code == 200


# --- setting it up --------------------------------------------------------------------------------


def test_it_is_set_up_on_a_plain_page(alice, clock):
    browser = browser_of(alice)
    page = browser.get(PAGE)
    assert page["Cache-Control"] == "no-store"
    assert 'src="data:image/png;base64,' in page.text
    secret = re.search(r'class="secret">([A-Z2-7 ]+)<', page.text)[1].replace(" ", "")
    assert secret == second_factor.begin(user=alice)
    assert browser.post(PAGE, {"code": "000000"}).status_code == 400
    on = browser.post(PAGE, {"code": code_of(secret)})
    codes = re.findall(r"<li><code>([a-z2-9]{6}-[a-z2-9]{6})</code>", on.text)
    assert len(set(codes)) == second_factor.RECOVERY_CODES
    assert is_in(browser)
    assert "10 recovery codes are left" in browser.get(PAGE).text
    assert secret not in browser.get(PAGE).text


def test_neither_secret_nor_codes_can_be_read_in_the_database(alice, clock):
    secret, codes = enrol(alice)
    kept = SecondFactor.objects.get().sealed_secret + str(list(RecoveryCode.objects.values()))
    assert not any(word in kept for word in (secret, *codes, codes[0].replace("-", "")))


def test_switching_it_on_ends_every_other_session(alice, clock):
    here, elsewhere = browser_of(alice), browser_of(alice)
    secret = second_factor.begin(user=alice)
    here.post(PAGE, {"code": code_of(secret)})
    assert is_in(here)
    assert not is_in(elsewhere)


def test_a_second_one_is_not_begun_over_the_first(alice, alices):
    with pytest.raises(Conflict):
        second_factor.begin(user=User.objects.get())


# --- signing in -----------------------------------------------------------------------------------


def test_the_password_alone_lets_nobody_in(alices):
    browser = Client()
    assert password(browser)["Location"] == LOGIN
    assert not is_in(browser)
    asked = browser.get(LOGIN)
    assert 'autocomplete="one-time-code"' in asked.text
    assert asked["Cache-Control"] == "no-store"
    wrong = browser.post(LOGIN, {"code": "123456"})
    assert wrong.status_code == 400
    assert not is_in(browser)


def test_the_code_lets_in_and_leads_where_one_was_going(alices):
    browser = Client()
    target = "/en/moderation/decisions/"
    browser.post(LOGIN, {"username": "alice", "password": PASSWORD, "next": target})
    assert browser.post(LOGIN, {"code": code_of(alices[0])})["Location"] == target
    assert is_in(browser)


@pytest.mark.parametrize("shift_s", [-30, 0, 30])
def test_a_clock_that_is_a_step_off_is_forgiven(alice, alices, clock, shift_s):
    code = pyotp.TOTP(alices[0]).at(int(time.time()) + shift_s)
    assert second_factor.passes(user=alice, code=f" {code[:3]} {code[3:]} ")


@pytest.mark.parametrize("shift_s", [-90, 60])
def test_a_code_of_another_time_is_not(alice, alices, shift_s):
    code = pyotp.TOTP(alices[0]).at(int(time.time()) + shift_s)
    assert not second_factor.passes(user=alice, code=code)


def test_a_code_is_good_once(alice, alices, clock):
    code = code_of(alices[0])
    assert second_factor.passes(user=alice, code=code)
    assert not second_factor.passes(user=alice, code=code)


def test_a_recovery_code_is_good_once_and_for_its_owner_only(alice, oscar, alices):
    code = alices[1][3]
    assert not second_factor.passes(user=oscar, code=code)
    assert second_factor.passes(user=alice, code=code.upper())
    assert not second_factor.passes(user=alice, code=code)
    assert RecoveryCode.objects.count() == second_factor.RECOVERY_CODES - 1


@pytest.mark.parametrize("code", ["", "x", "１２３４５６", "-" * 40, "00000\0", "²²²²²²"])
def test_what_is_no_code_is_refused_quietly(alice, alices, code):
    assert not second_factor.passes(user=alice, code=code)


def test_codes_are_not_guessed(alices):
    browser = Client()
    password(browser)
    answers = [browser.post(LOGIN, {"code": f"{n:06}"}).status_code for n in range(12)]
    assert answers == [400] * 10 + [429] * 2


def test_a_right_password_is_forgotten_after_five_minutes(alices, clock):
    browser = Client()
    password(browser)
    clock.shift(301)
    assert browser.post(LOGIN, {"code": code_of(alices[0])})["Location"] == LOGIN
    assert not is_in(browser)


def test_another_account_can_be_chosen_instead(alices):
    browser = Client()
    password(browser)
    browser.post(LOGIN, {"act": "again", "code": ""})
    assert 'name="password"' in browser.get(LOGIN).text


def test_a_closed_account_does_not_come_in_by_its_code(alice, alices):
    browser = Client()
    password(browser)
    User.objects.update(is_active=False)
    browser.post(LOGIN, {"code": code_of(alices[0])})
    assert not is_in(browser)


def test_a_code_without_a_password_leads_to_the_login(alices):
    browser = Client()
    assert browser.post(LOGIN, {"code": code_of(alices[0])})["Location"] == LOGIN
    assert not is_in(browser)


# --- changing it ----------------------------------------------------------------------------------


def test_it_is_taken_away_and_codes_are_made_anew_with_a_code_only(alice, alices, clock):
    browser = browser_of(alice)
    assert browser.post(PAGE, {"act": "take_away", "code": "1"}).status_code == 400
    renewed = browser.post(PAGE, {"act": "codes", "code": code_of(alices[0])})
    assert alices[1][0] not in renewed.text
    assert not second_factor.passes(user=alice, code=alices[1][0])
    clock.shift(30)
    browser.post(PAGE, {"act": "take_away", "code": code_of(alices[0])})
    assert not SecondFactor.objects.exists()
    assert is_in(browser)
    assert not User.objects.get().has_second_factor


def test_tries_at_changing_it_are_counted(alice, alices):
    browser = browser_of(alice)
    answers = [browser.post(PAGE, {"act": "codes", "code": "1"}).status_code for _ in range(11)]
    assert answers[-1] == TooMany.status


def test_an_operator_helps_who_lost_it_and_nobody_else_does(alice, erin, oscar, alices):
    for actor in (alice, erin):
        with pytest.raises(Forbidden):
            second_factor.take_away_from(user=alice, actor=actor)
    with pytest.raises(Forbidden):
        second_factor.take_away_from(user=oscar, actor=oscar)
    fields = {"action": "take_second_factor_away", "_selected_action": [alice.pk]}
    browser_of(oscar).post("/admin/accounts/user/", fields)
    assert not SecondFactor.objects.exists()


def test_a_command_helps_an_operator_who_lost_it(alice, alices):
    said = StringIO()
    call_command("forget_second_factor", "alice", stdout=said)
    assert "password alone" in said.getvalue()
    assert not User.objects.get().has_second_factor
    with pytest.raises(CommandError, match="no account"):
        call_command("forget_second_factor", "nobody")


def test_when_a_code_was_used_is_forgotten(alice, alices, clock):
    second_factor.passes(user=alice, code=code_of(alices[0]))
    clock.shift(120)
    second_factor.forget_used_steps()
    assert SecondFactor.objects.get().used_step is None


def test_under_another_key_of_the_instance_it_is_set_up_anew(alice, clock, settings):
    secret = second_factor.begin(user=alice)
    settings.SECRET_KEY = "another" * 10
    assert second_factor.begin(user=alice) != secret


# --- where it is required -------------------------------------------------------------------------


@pytest.fixture
def required(settings):
    settings.REQUIRE_SECOND_FACTOR = True


def test_who_lacks_it_does_nothing_but_set_it_up(required, alice, oscar, erin, clock):
    for user in (alice, oscar, erin):
        browser = browser_of(user)
        assert browser.get("/en/staff/login/")["Location"] == PAGE
        assert browser.get(PAGE).status_code == 200
        for path in ("/moderation/", "/admin/", "/documents/new/", "/en/moderation/decisions/"):
            assert "/login/" in browser.get(path)["Location"], path
        browser.post(PAGE, {"code": code_of(second_factor.begin(user=user))})
        assert browser.get("/admin/").status_code == 200
        assert browser.get("/moderation/decisions/").status_code == 200


def test_public_pages_do_not_vary_by_the_cookie_for_it(required, alice):
    assert "Cookie" not in Client().get("/about/").get("Vary", "")
    assert browser_of(alice).get("/about/").status_code == 200
