"""Staff accounts: made by a command, one login, a brake on guessing."""

import datetime
import re
from io import StringIO

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.test import Client

from mapper.accounts.actions import TRIES_PER_QUARTER, change_access
from mapper.accounts.models import LoginAttempt, User
from mapper.errors import Conflict
from mapper.moderation import actions
from tests.factories import PASSWORD
from tests.people import browser_of

pytestmark = pytest.mark.django_db
LOGIN = "/staff/login/"


def make(name="dora", role="moderator"):
    said = StringIO()
    call_command("create_staff", name, role=role, stdout=said)
    return said.getvalue()


def sign_in(browser, name="alice", password=PASSWORD, **more):
    return browser.post(LOGIN, {"username": name, "password": password, **more})


# --- the command ----------------------------------------------------------------------------------


def test_a_member_of_staff_is_made_by_one_command(monkeypatch):
    monkeypatch.setenv("STAFF_PASSWORD", PASSWORD)
    assert make() == "moderator dora can sign in at /staff/login/\n"
    dora = User.objects.get()
    assert (dora.role, dora.is_staff, dora.is_superuser) == ("moderator", True, False)
    assert dora.check_password(PASSWORD)
    assert sign_in(Client(), "dora").status_code == 302


@pytest.mark.parametrize(
    ("name", "password"),
    [
        ("dora", "q7w8"),
        ("dora", "password1234"),
        ("contrechamp-dora", "contrechamp-dora"),
        ("", PASSWORD),
        ("a b/c", PASSWORD),
        ("x" * 151, PASSWORD),
    ],
)
def test_a_bad_name_or_password_makes_nothing(monkeypatch, name, password):
    monkeypatch.setenv("STAFF_PASSWORD", password)
    with pytest.raises(CommandError) as failure:
        make(name)
    assert failure.value.returncode == 2
    assert "\n" not in str(failure.value)
    assert password not in str(failure.value).replace(name or " ", "")
    assert not User.objects.exists()


def test_a_name_is_taken_once(monkeypatch):
    monkeypatch.setenv("STAFF_PASSWORD", PASSWORD)
    make()
    with pytest.raises(CommandError) as failure:
        make(role="operator")
    assert failure.value.returncode == 2
    assert User.objects.get().role == "moderator"


def test_without_a_password_and_without_a_terminal_nothing_is_made(monkeypatch):
    monkeypatch.delenv("STAFF_PASSWORD", raising=False)
    monkeypatch.setattr("sys.stdin", StringIO())
    with pytest.raises(CommandError, match="STAFF_PASSWORD"):
        make()
    assert not User.objects.exists()


def test_a_password_typed_twice_must_be_the_same(monkeypatch):
    monkeypatch.delenv("STAFF_PASSWORD", raising=False)
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    typed = iter([PASSWORD, "something else entirely"])
    monkeypatch.setattr("getpass.getpass", lambda prompt: next(typed))
    with pytest.raises(CommandError, match="differ"):
        make()
    monkeypatch.setattr("getpass.getpass", lambda prompt: PASSWORD)
    make()
    assert User.objects.get().check_password(PASSWORD)


def test_an_unknown_role_is_refused(monkeypatch):
    monkeypatch.setenv("STAFF_PASSWORD", PASSWORD)
    with pytest.raises(CommandError):
        make(role="king")
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create(username="x", role="king")


# --- the login ------------------------------------------------------------------------------------


def test_staff_sign_in_and_out_in_both_languages(alice, charlie):
    assert "<form" in charlie.get("/en/staff/login/").text
    assert charlie.get("/moderation/")["Location"] == "/staff/login/?next=/moderation/"
    answer = sign_in(charlie, next="/moderation/decisions/")
    assert (answer.status_code, answer["Location"]) == (302, "/moderation/decisions/")
    assert charlie.get("/moderation/").status_code == 200
    assert charlie.get("/staff/logout/").status_code == 405
    assert charlie.post("/staff/logout/").status_code == 302
    assert charlie.get("/moderation/").status_code == 302
    assert not Session.objects.exists()


def test_a_session_that_somebody_planted_is_not_the_one_that_is_signed_in(alice):
    browser = Client()
    planted = browser.session
    planted["planted"] = True
    planted.save()
    browser.cookies["sessionid"] = planted.session_key
    assert sign_in(browser).status_code == 302
    assert browser.cookies["sessionid"].value != planted.session_key
    thief = Client()
    thief.cookies["sessionid"] = planted.session_key
    assert "/login/" in thief.get("/moderation/")["Location"]


def test_everybody_goes_on_to_their_own_work(alice, erin):
    assert sign_in(Client())["Location"] == "/moderation/"
    assert sign_in(Client(), "erin")["Location"] == "/admin/"


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "/\\evil"]
)
def test_nobody_is_sent_elsewhere(alice, elsewhere):
    assert sign_in(Client(), next=elsewhere)["Location"] == "/moderation/"


def test_a_wrong_password_and_an_unknown_name_look_the_same(alice, charlie):
    wrong = sign_in(charlie, password="not it at all")
    unknown = sign_in(charlie, name="alicf", password="not it at all")
    assert wrong.status_code == unknown.status_code == 400
    pages = [
        re.sub(r'csrfmiddlewaretoken" value="\w+"', "", answer.text) for answer in (wrong, unknown)
    ]
    assert pages[0].replace("alice", "alicf") == pages[1]


def test_who_left_does_not_get_in(alice, charlie):
    User.objects.update(is_active=False)
    assert sign_in(charlie).status_code == 400
    assert charlie.get("/moderation/").status_code == 302


def test_a_session_ends_after_twelve_hours(alice):
    browser = Client()
    sign_in(browser)
    soon = datetime.datetime.now(datetime.UTC) + datetime.timedelta(hours=11)
    with time_machine.travel(soon):
        assert browser.get("/moderation/").status_code == 200
    with time_machine.travel(soon + datetime.timedelta(hours=2)):
        assert browser.get("/moderation/").status_code == 302


def test_the_cookie_is_for_this_site_alone(alice):
    browser = Client()
    sign_in(browser)
    cookie = browser.cookies["sessionid"]
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Strict")


def test_a_login_from_another_site_is_refused(alice):
    browser = Client(enforce_csrf_checks=True)
    assert sign_in(browser).status_code == 403


def test_the_login_remembers_no_time(alice):
    sign_in(Client())
    fields = [f.name for f in User._meta.get_fields() if f.get_internal_type() == "DateTimeField"]
    assert fields == ["date_joined"]


# --- the brake ------------------------------------------------------------------------------------


def test_a_name_is_tried_ten_times_a_quarter_hour(alice, charlie):
    with time_machine.travel("2026-05-12 14:01", tick=False):
        for _ in range(TRIES_PER_QUARTER):
            assert sign_in(charlie, password="wrong").status_code == 400
        answer = sign_in(charlie)
        assert answer.status_code == 429
        assert int(answer["Retry-After"]) <= 14 * 60
        assert sign_in(charlie, name="ALICE").status_code == 429
        assert sign_in(charlie, name="erin", password="wrong").status_code == 400
    with time_machine.travel("2026-05-12 14:16", tick=False):
        assert sign_in(charlie).status_code == 302


def test_the_right_password_starts_the_count_anew(alice, charlie):
    for _ in range(3):
        sign_in(charlie, password="wrong")
    sign_in(charlie)
    assert not LoginAttempt.objects.exists()


def test_a_name_that_nobody_has_is_counted_too(charlie):
    for _ in range(TRIES_PER_QUARTER):
        sign_in(charlie, name="nobody", password="x")
    assert sign_in(charlie, name="nobody", password="x").status_code == 429


def test_the_count_holds_neither_name_nor_address(alice, charlie):
    sign_in(charlie, password="wrong")
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM accounts_loginattempt")
        row = cursor.fetchone()
    assert len(row[0]) == 4
    assert "alice" not in str(row)
    assert "127.0.0.1" not in str(row)


# --- access ---------------------------------------------------------------------------------------


def test_an_operator_closes_an_account_and_never_their_own(alice, oscar):
    browser = browser_of(alice)
    change_access(user=alice, role="editor", is_active=False, actor=oscar)
    assert browser.get("/moderation/").status_code == 302
    with pytest.raises(Conflict):
        change_access(user=oscar, role="operator", is_active=False, actor=oscar)


# --- pseudonyms -----------------------------------------------------------------------------------


def keep(user, pseudonym):
    return browser_of(user).post("/en/staff/pseudonym/", {"pseudonym": pseudonym})


def test_colleagues_read_a_pseudonym_and_not_the_name_to_sign_in_with(alice, erin, bobs_report):
    actions.refuse_report(sighting=bobs_report, actor=alice, reason="unclear")
    assert keep(alice, "  Grand\u00a0  Duc ").status_code == 302
    log = browser_of(erin).get("/en/moderation/decisions/").text
    assert "Grand Duc (moderator)" in log
    assert "alice" not in log
    assert sign_in(Client(), "alice").status_code == 302
    assert sign_in(Client(), "Grand Duc").status_code == 400
    keep(alice, "")
    assert "alice (moderator)" in browser_of(erin).get("/en/moderation/decisions/").text


@pytest.mark.parametrize("pseudonym", ["ERIN", "hibou", "Ｈibou"])
def test_nobody_takes_the_name_of_another(alice, erin, pseudonym):
    keep(erin, "Hibou")
    assert keep(alice, pseudonym).status_code == 409
    alice.refresh_from_db()
    assert alice.pseudonym == ""


@pytest.mark.parametrize("pseudonym", ["x" * 41, "a\u202eb", "a\0b"])
def test_what_is_no_name_is_refused(alice, pseudonym):
    assert keep(alice, pseudonym).status_code == 400


def test_two_who_choose_at_once_do_not_both_get_it(alice, erin):
    User.objects.filter(pk=erin.pk).update(pseudonym="Hibou")
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.filter(pk=alice.pk).update(pseudonym="hibou")


def test_a_pseudonym_may_be_kept_as_it_is(alice):
    keep(alice, "Hibou")
    assert keep(alice, "hibou").status_code == 302


def test_a_new_account_is_not_named_as_somebody_is_known(alice, monkeypatch):
    keep(alice, "Dora")
    monkeypatch.setenv("STAFF_PASSWORD", PASSWORD)
    with pytest.raises(CommandError, match="known under this name"):
        make("dora")
