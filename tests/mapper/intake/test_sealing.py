"""What a phone sealed opens here, for the address it was sealed for, and nothing else does."""

import base64
import contextlib
import json
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID, uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from django.core.management import call_command
from hypothesis import given
from hypothesis import strategies as st

from mapper.errors import BadInput, CommandFailure, Unavailable
from mapper.intake import sealing_keys
from mapper.intake.sealing import (
    MOST_HEAD_BYTES,
    Opened,
    info_of_photo,
    info_of_report,
    open_envelope,
)
from tests.conftest import REPOSITORY
from tests.sealed import envelope_of, seal_bytes

GOLDEN = json.loads((REPOSITORY / "fixtures/cases/sealed.json").read_text("utf-8"))


def from_base64url(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@pytest.fixture
def golden_key(tmp_path):
    number = int.from_bytes(from_base64url(GOLDEN["private_key"]), "big")
    private = ec.derive_private_key(number, ec.SECP256R1())
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (tmp_path / "sealing_keys.pem").write_bytes(pem)


@pytest.mark.parametrize("case", GOLDEN["envelopes"], ids=["report", "photo"])
def test_what_the_phones_program_sealed_opens_here(golden_key, case):
    assert sealing_keys.current_key().public_text == GOLDEN["public_key"]
    report = UUID(case["report"])
    info = info_of_photo(UUID(case["photo"]), report) if case["photo"] else info_of_report(report)
    opened = open_envelope(from_base64url(case["envelope"]), info=info)
    assert opened == Opened(case["head"], from_base64url(case["picture"]))


def test_an_envelope_opens_for_its_own_address_alone():
    report, photo = uuid4(), uuid4()
    envelope = envelope_of({"lat": "1"}, info=info_of_report(report))
    assert open_envelope(envelope, info=info_of_report(report)).head == {"lat": "1"}
    for other in (info_of_report(photo), info_of_photo(report, photo), b""):
        with pytest.raises(BadInput) as refused:
            open_envelope(envelope, info=other)
        assert refused.value.code == "sealed-damaged"


@given(st.data())
def test_a_damaged_envelope_is_refused_wherever_it_is_damaged(tmp_path_factory, data):
    info = b"x"
    envelope = bytearray(envelope_of({"lat": "1"}, b"picture", info=info))
    if data.draw(st.booleans()):
        del envelope[data.draw(st.integers(0, len(envelope) - 1)) :]
    else:
        place = data.draw(st.integers(0, len(envelope) - 1))
        envelope[place] ^= data.draw(st.integers(1, 255))
    with pytest.raises(BadInput) as refused:
        open_envelope(bytes(envelope), info=info)
    assert refused.value.code in ("sealed-damaged", "sealed-unknown-key")


@given(st.binary(max_size=400))
def test_no_bytes_at_all_break_the_reader(garbage):
    with pytest.raises(BadInput):
        open_envelope(garbage, info=b"x")


@given(st.binary(max_size=64))
def test_no_plaintext_breaks_the_reader(plain):
    """Anyone may seal anything: the key is public."""
    envelope = seal_bytes(plain, info=b"x")
    with contextlib.suppress(BadInput):
        assert isinstance(open_envelope(envelope, info=b"x").head, dict)


@pytest.mark.parametrize(
    "plain",
    [
        b"",
        b"\0\0\0",
        b"\0\0\0\2{",
        b"\0\0\0\2[]",
        b"\0\0\0\4null",
        b"\xff\xff\xff\xff{}",
        b"\0\0\0\3{}\xff",
        (20_000).to_bytes(4, "big") + b"[" * 20_000,
        (5_010).to_bytes(4, "big") + b'{"lat":  ' + b"9" * 5_000 + b"}",
        (MOST_HEAD_BYTES + 1).to_bytes(4, "big") + b"{" + b" " * (MOST_HEAD_BYTES - 1) + b"}",
    ],
    ids=[
        "nothing",
        "no-length",
        "cut",
        "list",
        "null",
        "long",
        "not-utf8",
        "deep",
        "digits",
        "fat",
    ],
)
def test_a_hostile_plaintext_is_refused(plain):
    with pytest.raises(BadInput) as refused:
        open_envelope(seal_bytes(plain, info=b"x"), info=b"x")
    assert refused.value.code == "sealed-damaged"


def test_the_key_is_made_once_for_this_user_alone(tmp_path):
    with ThreadPoolExecutor(8) as threads:
        made = list(threads.map(lambda _: sealing_keys.current_key().id, range(8)))
    assert len(set(made)) == 1
    path = tmp_path / "sealing_keys.pem"
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.read_text().count("BEGIN PRIVATE KEY") == 1
    assert not path.with_name("sealing_keys.pem.new").exists()


def test_after_a_rotation_what_waits_on_phones_still_opens():
    envelope = envelope_of({}, info=b"x")
    before = sealing_keys.current_key()
    assert sealing_keys.rotate_key(keep=2) == 2
    assert sealing_keys.current_key().id != before.id
    assert open_envelope(envelope, info=b"x").head == {}
    assert sealing_keys.rotate_key(keep=2) == 2
    with pytest.raises(BadInput) as refused:
        open_envelope(envelope, info=b"x")
    assert refused.value.code == "sealed-unknown-key"


@pytest.mark.parametrize("content", ["", "no key", "-----BEGIN PRIVATE KEY-----\nx\n"])
def test_a_file_that_holds_no_key_is_never_replaced(tmp_path, content):
    path = tmp_path / "sealing_keys.pem"
    path.write_text(content)
    with pytest.raises(Unavailable):
        sealing_keys.current_key()
    assert path.read_text() == content


def test_the_command_rotates_and_leaves_one_key_at_least(capsys):
    before = sealing_keys.current_key().id
    call_command("rotate_sealing_key")
    assert "2 can be opened" in capsys.readouterr().out
    assert sealing_keys.current_key().id != before
    with pytest.raises(CommandFailure, match="would leave no key"):
        call_command("rotate_sealing_key", keep=0)
