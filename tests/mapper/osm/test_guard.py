"""A changeset that removes or moves a crowd waits for a moderator; everything else goes on."""

import pytest
from django.core.management import call_command

from geo.bbox import BBox
from geo.position import LonLat
from mapper.errors import Conflict
from mapper.moderation.models import Act, Decision
from mapper.operations import doctor_osm
from mapper.osm.actions import load_objects
from mapper.osm.held import apply_held, held_changesets, keep_ours
from mapper.osm.models import Element, HeldChange
from mapper.osm.objects import OsmObject
from tests.people import browser_of

pytestmark = pytest.mark.django_db

CAMERA = {"man_made": "surveillance", "surveillance:type": "camera"}
MOST = 20


def node(number, version=1, *, tags=CAMERA, visible=True, changeset=0, north=0.0):
    return OsmObject(
        osm_type="node",
        osm_id=number,
        version=version,
        tags=tags if visible else {},
        position=LonLat(5, 45 + number / 1000 + north) if visible else None,
        is_visible=visible,
        changeset=changeset,
    )


def gone(number, changeset, version=2):
    return node(number, version, visible=False, changeset=changeset)


def load(*objects, hold_over=MOST, is_change=True):
    return load_objects(objects=objects, hold_over=hold_over, is_change=is_change, is_quiet=True)


@pytest.fixture(autouse=True)
def _town():
    load(*(node(number) for number in range(1, 101)))


def state(changeset):
    (found,) = (group.state for group in held_changesets() if group.changeset == changeset)
    return found


def there():
    return Element.objects.there().count()


def test_twenty_go_through_and_twenty_one_are_held():
    report = load(*(gone(n, 7) for n in range(1, 21)), *(gone(n, 8) for n in range(21, 42)))

    assert (report.removed, report.held) == (20, 21)
    assert there() == 80
    (group,) = held_changesets()
    assert (group.changeset, group.removed, group.moved) == (8, 21, 0)


def test_what_lost_its_tag_or_moved_counts_too():
    report = load(
        *(node(n, 2, tags={"amenity": "bench"}, changeset=7) for n in range(1, 12)),
        *(node(n, 2, north=0.01, changeset=7) for n in range(12, 23)),
        # Put right by a few metres: no move.
        *(node(n, 2, north=0.00005, changeset=7) for n in range(23, 60)),
    )

    assert (report.held, report.changed) == (22, 37)
    (group,) = held_changesets()
    assert (group.removed, group.moved) == (11, 11)


def test_others_of_the_same_load_go_on():
    crowd = [gone(n, 7) for n in range(1, 31)]
    report = load(*crowd, gone(50, 8), node(60, 2, tags=CAMERA | {"a": "b"}, changeset=9))

    assert (report.held, report.removed, report.changed) == (30, 1, 1)


def test_a_file_without_changesets_is_one_where_it_is_a_change():
    crowd = [gone(n, 0) for n in range(1, 31)]

    assert load(*crowd, is_change=False).held == 0
    assert there() == 70
    assert load(*(gone(n, 0) for n in range(31, 61))).held == 30


def test_without_the_guard_nothing_is_held():
    assert load(*(gone(n, 7) for n in range(1, 31)), hold_over=None).removed == 30


def test_the_same_version_stays_held_however_it_comes_again():
    load(*(gone(n, 7) for n in range(1, 31)))

    assert load(gone(1, 7), gone(2, 7)).held == 2
    assert there() == 100
    assert HeldChange.objects.count() == 30


def test_a_revert_upstream_lifts_it_by_itself():
    load(*(gone(n, 7) for n in range(1, 31)))

    report = load(*(node(n, 3, changeset=8) for n in range(1, 31)))

    assert report.held == 0
    assert not HeldChange.objects.exists()
    assert there() == 100
    assert Element.objects.get(osm_id=1).version == 3


def test_who_edits_what_is_held_does_not_apply_it_and_what_was_redacted_is_purged():
    crowd = [
        node(n, 2, north=0.01, tags=CAMERA | {"name": "M. X"}, changeset=7) for n in range(1, 31)
    ]
    load(*crowd)

    tagged = node(1, 3, north=0.01, tags=CAMERA | {"ref": "5"}, changeset=9)
    assert load(tagged).held == 1
    held = HeldChange.objects.get(osm_id=1)
    assert (held.version, held.changeset, held.tags) == (3, 7, CAMERA | {"ref": "5"})
    assert load(gone(1, 9, version=4)).held == 1
    held.refresh_from_db()
    assert (held.reason, held.is_visible, held.changeset) == ("removed", False, 7)
    # An older version than the held one is no news.
    assert load(node(1, 2, north=0.01, changeset=7)).held == 1
    assert HeldChange.objects.get(osm_id=1).version == 4
    load(*(node(n, 3, changeset=10) for n in range(2, 31)))
    assert not HeldChange.objects.filter(tags__has_key="name").exists()


def test_the_rest_of_a_held_changeset_is_held_however_few():
    load(*(gone(n, 7) for n in range(1, 31)))

    assert load(gone(50, 7)).held == 1
    assert load(gone(51, 8)).removed == 1


def test_a_file_that_lacks_what_is_held_does_not_remove_it():
    load(*(gone(n, 7) for n in range(1, 4)), hold_over=2)
    keep_ours(changeset=7, state=state(7))

    load_objects(
        objects=[node(n, 2, changeset=9) for n in range(4, 101)],
        complete_for=BBox(4, 44, 6, 46),
        hold_over=MOST,
        is_quiet=True,
    )
    assert there() == 100


def test_what_changed_since_it_was_seen_is_not_decided():
    load(*(gone(n, 7) for n in range(1, 31)))
    seen = state(7)
    load(gone(50, 7))

    for act in (apply_held, keep_ours):
        with pytest.raises(Conflict):
            act(changeset=7, state=seen)
    assert apply_held(changeset=7, state=state(7)).removed == 31


def test_a_moderator_applies_it():
    load(*(gone(n, 7) for n in range(1, 31)))

    seen = state(7)
    assert apply_held(changeset=7, state=seen).removed == 30
    assert there() == 70
    assert not HeldChange.objects.exists()
    with pytest.raises(Conflict):
        apply_held(changeset=7, state=seen)


def test_a_moderator_keeps_ours_and_is_not_asked_again():
    load(*(gone(n, 7) for n in range(1, 31)))
    keep_ours(changeset=7, state=state(7))

    assert held_changesets() == []
    load(*(gone(n, 7) for n in range(1, 31)))
    assert held_changesets() == []
    assert there() == 100
    # What comes later is judged anew.
    assert load(gone(1, 9, version=3)).removed == 1


def test_the_page_shows_it_and_does_what_is_asked(alice, erin, charlie):
    load(
        *(gone(n, 7) for n in range(1, 31)),
        *(node(n, 2, north=0.01, changeset=8) for n in range(40, 70)),
    )
    path = "/en/moderation/osm/held/"
    said = browser_of(alice).get(path).content.decode()

    for words in ("Changeset 7", "30 devices removed", "30 moved", "osmcha.org/changesets/8"):
        assert words in said
    assert (
        b"2 changesets of OpenStreetMap are held"
        in browser_of(alice).get("/en/moderation/osm/").content
    )
    for act, changeset in (("keep", 7), ("apply", 8)):
        fields = {"act": act, "changeset": str(changeset), "state": state(changeset)}
        assert browser_of(alice).post(path, fields).status_code == 302
    assert held_changesets() == []
    assert set(Decision.objects.values_list("act", flat=True)) == {Act.KEEP_OURS, Act.APPLY_HELD}
    assert browser_of(erin).get(path).status_code == 403
    assert charlie.get(path).status_code == 302


@pytest.mark.parametrize(
    "post",
    [{}, {"act": "keep"}, {"act": "keep", "changeset": "x"},
     {"act": "apply", "changeset": "9" * 40},
     {"act": "all", "changeset": "7"}, {"act": "keep", "changeset": "5"}],
)  # fmt: skip
def test_a_wrong_form_is_refused(alice, post):
    answer = browser_of(alice).post("/en/moderation/osm/held/", post)
    assert answer.status_code in (400, 409)


def test_a_change_file_tells_its_changesets(tmp_path, capsys):
    body = "".join(
        f'<node id="{n}" version="2" changeset="77" timestamp="2026-11-20T10:00:00Z"/>'
        for n in range(1, 31)
    )
    path = tmp_path / "change.osc"
    path.write_text(f'<osmChange version="0.6"><delete>{body}</delete></osmChange>')
    call_command("osm_load", str(path))

    assert "30 held for a moderator" in capsys.readouterr().out
    assert [group.changeset for group in held_changesets()] == [77]


def test_the_doctor_says_how_many_are_held():
    assert list(doctor_osm.examine()) == []
    load(*(gone(n, 7) for n in range(1, 31)))
    (finding,) = doctor_osm.examine()
    assert "30 changes of OpenStreetMap are held" in finding.what
