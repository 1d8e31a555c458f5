"""Claims in, device out: the same in any order, and each attribute from a claim that says so."""

from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.geodesy import distance_m, snap_to_grid
from geo.position import LonLat
from mapper.sightings.projection import (
    NUMBER_ATTRIBUTES,
    TEXT_ATTRIBUTES,
    ClaimFacts,
    project,
    rests_on_unchecked,
)
from mapper.sightings.vocabulary import Kind, Status

HERE = LonLat(-1.68, 48.11)
THERE = LonLat(-1.6802, 48.1101)


def fact(number=1, source="walker", **changes):
    facts = {
        "id": UUID(int=number),
        "source": source,
        "is_verified": source == "walker",
        "position": HERE,
        "position_source": "moderator",
        "seen_to": "2026-05",
    }
    return ClaimFacts(**(facts | changes))


def test_no_claim_makes_no_device():
    assert project([]) is None


def test_claims_that_name_no_place_make_no_device():
    assert project([fact(source="document", position=None)]) is None


def test_a_document_without_a_place_adds_what_it_says():
    paper = fact(1, "document", position=None, attributes={"operator": "Ville de Rennes"})
    made = project([fact(2, "osm"), paper])
    assert made.texts["operator"] == "Ville de Rennes"
    assert made.sources == ("document", "osm")
    assert made.provenance["operator"] == str(paper.id)


@pytest.mark.parametrize(
    ("stronger", "weaker"),
    [
        (fact(9, "desk"), fact(1, "walker")),
        (fact(9, "walker"), fact(1, "osm")),
        (fact(9, "osm"), fact(1, "document")),
    ],
)
def test_the_stronger_source_wins_attribute_by_attribute(stronger, weaker):
    stronger = ClaimFacts(
        id=stronger.id,
        source=stronger.source,
        is_verified=stronger.is_verified,
        position=HERE,
        attributes={"kind": "camera"},
    )
    weaker = ClaimFacts(
        id=weaker.id,
        source=weaker.source,
        is_verified=weaker.is_verified,
        position=THERE,
        attributes={"kind": "alpr", "mount": "pole"},
    )
    made = project([weaker, stronger])
    assert (made.kind, made.texts["mount"]) == ("camera", "pole")
    assert made.position == HERE
    assert made.provenance["kind"] == str(stronger.id)
    assert made.provenance["mount"] == str(weaker.id)


def test_among_equals_the_one_seen_last_wins():
    old = fact(1, attributes={"mount": "wall"}, seen_to="2025-01")
    new = fact(2, attributes={"mount": "pole"}, seen_to="2026-01")
    assert project([old, new]).texts["mount"] == "pole"


def test_unknown_says_nothing():
    walker = fact(1, attributes={"kind": "unknown", "operator_type": "unknown"})
    osm = fact(2, "osm", attributes={"kind": "camera", "operator_type": "public"})
    made = project([walker, osm])
    assert (made.kind, made.texts["operator_type"]) == ("camera", "public")


def test_a_photo_s_place_gives_way_to_openstreetmap():
    photo = fact(1, position=THERE, position_source="photo")
    assert project([photo, fact(2, "osm")]).position == HERE
    assert project([photo]).position == THERE


@pytest.mark.parametrize("source", ["osm", "document"])
def test_a_place_that_was_taken_over_gives_way_to_where_it_came_from(source):
    confirmed = fact(1, position=THERE, position_source=source)
    assert project([confirmed, fact(2, source)]).position == HERE
    # What it came from is gone: it is all that is known.
    assert project([confirmed]).position == THERE
    own = fact(3, position=THERE, position_source="walker")
    assert project([own, fact(2, source)]).position == THERE


def test_a_pin_moves_what_openstreetmap_placed():
    assert project([fact(1, position=THERE), fact(2, "osm")]).position == THERE


def test_a_private_home_is_snapped_whoever_placed_it_and_names_nobody():
    home = fact(1, is_private_home=True, position_source="photo", position=THERE)
    osm = fact(2, "osm", attributes={"operator": "Jeanne Martin"})
    made = project([home, osm])
    assert made.position == snap_to_grid(HERE, 25)
    assert made.is_private_home
    assert made.texts["operator"] == ""
    assert "operator" not in made.provenance


def test_only_a_verified_claim_verifies():
    assert project([fact(1)]).verification == "verified"
    assert project([fact(1, is_verified=False)]).verification == "unverified"
    assert project([fact(1, "osm")]).verification == "osm_only"
    assert project([fact(1, "document")]).verification == "declared"
    assert project([fact(1, "desk"), fact(2, "osm")]).verification == "osm_only"


def test_paper_on_a_report_that_nobody_checked_makes_it_declared_and_still_unchecked():
    unchecked = fact(1, is_verified=False)
    paper = fact(2, "document", position=None, attributes={"kind": "alpr"})
    made = project([unchecked, paper])
    assert (made.verification, made.sources) == ("declared", ("document", "walker"))
    assert (made.kind, made.position) == ("alpr", HERE)
    assert rests_on_unchecked(made.verification, made.sources)


def test_paper_that_says_the_place_stands_without_the_report():
    paper = fact(2, "document", position=THERE)
    made = project([fact(1, is_verified=False), paper])
    assert made == project([paper])
    assert not rests_on_unchecked(made.verification, made.sources)


@pytest.mark.parametrize("sure", [fact(3), fact(3, "osm")])
def test_what_is_verified_or_mapped_rests_on_no_unchecked_report(sure):
    made = project([fact(1, is_verified=False), fact(2, "document", position=None), sure])
    assert not rests_on_unchecked(made.verification, made.sources)


def test_what_a_device_can_do_needs_a_named_source():
    said = {"capabilities": ["zoom"], "manufacturer": "Acme", "model": "X1"}
    bare = project([fact(1, attributes=said)])
    assert bare.capabilities == {}
    assert bare.texts["manufacturer"] == bare.texts["model"] == ""
    desk = project([fact(1), fact(2, "desk", attributes=said)])
    assert desk.texts["manufacturer"] == ""
    label = project([fact(1, attributes=said, has_label_photo=True)])
    assert label.capabilities == {"zoom": UUID(int=1)}
    assert label.texts["manufacturer"] == "Acme"


def test_gone_stands_until_somebody_saw_it_later():
    gone = fact(1, presence="gone", seen_to="2026-04")
    assert project([fact(2, seen_to="2026-03"), gone]).status == "removed"
    assert project([fact(2, seen_to="2026-04"), gone]).status == "removed"
    back = project([fact(2, seen_to="2026-05"), gone])
    assert (back.status, back.provenance["status"]) == ("active", str(UUID(int=2)))


def test_a_paper_does_not_bring_back_what_is_gone():
    gone = fact(1, presence="gone", seen_to="2026-04")
    assert project([gone, fact(2, "document", seen_to="2026-06")]).status == "removed"


def test_an_unchecked_gone_does_not_remove():
    gone = fact(1, presence="gone", is_verified=False, seen_to="2026-09")
    assert project([gone, fact(2, "osm")]).status == "active"


def test_who_found_it_gone_did_not_see_it():
    gone = fact(1, presence="gone", seen_to="2026-04")
    made = project([gone, fact(2, "osm", seen_from="2020", seen_to="")])
    assert (made.first_seen, made.last_seen) == ("2020", "")


MONTHS = st.sampled_from(["", "2024", "2024-05", "2025-11", "2026-01"])
TEXT = st.sampled_from(["", "pole", "wall", "unknown"])
ATTRIBUTES = st.fixed_dictionaries(
    {},
    optional={
        "kind": st.sampled_from(Kind.values),
        "status": st.sampled_from(Status.values),
        "directions": st.sampled_from([[], [{"from": 90, "to": 90}], [{"from": 0, "to": 360}]]),
        "height_m": st.sampled_from([None, 3.5, 12.0]),
        "capabilities": st.lists(st.sampled_from(["zoom", "audio"]), unique=True),
        **dict.fromkeys(TEXT_ATTRIBUTES, TEXT),
    },
)


@st.composite
def facts(draw, number):
    source = draw(st.sampled_from(["walker", "osm", "document", "desk"]))
    return ClaimFacts(
        id=UUID(int=number),
        source=source,
        is_verified=source == "walker" and draw(st.booleans()),
        presence=draw(st.sampled_from(["there", "there", "gone"])),
        position=draw(st.sampled_from([None, HERE, THERE, LonLat(180, 0), LonLat(0, 90)])),
        position_source=draw(st.sampled_from(["walker", "photo", "moderator", "osm", "document"])),
        attributes=draw(ATTRIBUTES),
        has_label_photo=draw(st.booleans()),
        seen_from=draw(MONTHS),
        seen_to=draw(MONTHS),
        is_private_home=draw(st.booleans()),
    )


@st.composite
def many_facts(draw):
    return [draw(facts(number)) for number in range(1, draw(st.integers(1, 6)) + 1)]


@given(many_facts(), st.randoms())
@settings(max_examples=150)
def test_the_order_of_claims_does_not_matter(claims, random):
    shuffled = list(claims)
    random.shuffle(shuffled)
    assert project(claims) == project(shuffled)


@given(many_facts())
@settings(max_examples=150)
def test_each_attribute_names_a_claim_that_says_so(claims):
    made = project(claims)
    if made is None:
        assert all(claim.position is None for claim in claims)
        return
    by_id = {str(claim.id): claim for claim in claims}
    shown = {**made.texts, **made.numbers, "directions": made.directions, "kind": made.kind}
    for name, value in shown.items():
        if value in ("", None, [], "unknown"):
            assert name not in made.provenance
        else:
            assert by_id[made.provenance[name]].says(name) == value
    assert by_id[made.provenance["location"]].position is not None
    believed = by_id[made.provenance["status"]]
    assert believed.presence == "gone" or believed.says("status") in (made.status, None)
    if made.status == "active":
        assert believed.presence == "there"
    for name, claim in made.capabilities.items():
        assert name in by_id[str(claim)].says("capabilities")
    assert set(made.texts) == set(TEXT_ATTRIBUTES)
    assert set(made.numbers) == set(NUMBER_ATTRIBUTES)


@given(many_facts())
@settings(max_examples=100)
def test_verified_always_names_a_verified_claim_of_the_spot(claims):
    made = project(claims)
    if made is None:
        return
    by_id = {claim.id: claim for claim in claims}
    assert (made.verification == "verified") == (made.verified_by is not None)
    if made.verified_by is not None:
        assert by_id[made.verified_by].is_verified
        assert by_id[made.verified_by].source == "walker"


@given(many_facts())
@settings(max_examples=100)
def test_a_private_home_never_shows_where_a_claim_placed_it(claims):
    made = project(claims)
    if made is None or not made.is_private_home:
        return
    assert made.position == snap_to_grid(made.position, 25)
    placed = next(c for c in claims if str(c.id) == made.provenance["location"])
    assert distance_m(made.position, placed.position) <= 20
