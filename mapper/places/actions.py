"""Writes of places: cities, excluded areas and schools from records, each file at once."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db import connection, transaction
from django.utils.text import slugify
from shapely import set_srid, to_wkb

from mapper import sql
from mapper.errors import BadInput
from mapper.places.models import City
from mapper.places.reading import AreaRecord, RefusedRecord


@dataclass
class AreaReport:
    """What became of the features of a file."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    repaired: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    # Ids of the rows that were added or changed.
    touched_ids: list[int] = field(default_factory=list)


@transaction.atomic
def save_cities(*, records: Iterable[AreaRecord | RefusedRecord]) -> AreaReport:
    """Add and update cities by country and code; refuse those whose slug is another's."""
    report = AreaReport()
    count = _stage(records, report)
    with connection.cursor() as cursor:
        cursor.execute(sql.load("places", "taken_slugs"))
        for country, code, slug in cursor.fetchall():
            report.refused.append(f"{country} {code}: the slug {slug} is another city's; rename.")
            cursor.execute(
                "DELETE FROM places_staging WHERE country = %s AND code = %s", [country, code]
            )
            count -= 1
    _upsert("upsert_cities", count, report)
    return report


@transaction.atomic
def save_excluded_areas(*, records: Iterable[AreaRecord | RefusedRecord]) -> AreaReport:
    """Add and update areas where nothing is taken, by code."""
    report = AreaReport()
    _upsert("upsert_excluded", _stage(records, report), report)
    return report


@transaction.atomic
def save_schools(*, records: Iterable[AreaRecord | RefusedRecord]) -> AreaReport:
    """Add and update schools, by code."""
    report = AreaReport()
    _upsert("upsert_schools", _stage(records, report), report)
    return report


def describe_city(*, city: City, population: int | None, notice: str) -> City:
    """Set what an editor knows of a city; its name, code and boundary come from imports."""
    city.population = population
    city.notice = notice.strip()
    city.save(update_fields=["population", "notice"])
    return city


def city_slug(name: str, code: str) -> str:
    """Return the address of a city: its name and code, `rennes-35238`."""
    return slugify(f"{name}-{code}")


def _stage(records: Iterable[AreaRecord | RefusedRecord], report: AreaReport) -> int:
    """Copy the usable records into the staging table; return how many there are."""
    seen: set[object] = set()
    count = 0
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS places_staging")
        cursor.execute(sql.load("places", "stage_areas"))
        columns = "country, code, name, slug, population, boundary"
        with cursor.copy(f"COPY places_staging ({columns}) FROM STDIN") as copy:
            for record in records:
                if isinstance(record, RefusedRecord):
                    report.refused.append(str(record))
                    continue
                # Slugs ignore case and country: "2A" and "2a" of one name can't both have a page.
                keys = {(record.country, record.code), city_slug(record.name, record.code)}
                if keys & seen:
                    report.refused.append(
                        f"{record.label}: the file has this code, or its address, twice."
                    )
                    continue
                seen |= keys
                count += 1
                if record.was_repaired:
                    report.repaired.append(record.label)
                copy.write_row(_row(record))
    if not count:
        raise BadInput("No feature of the file can be taken. " + report.refused[0])
    return count


def _row(record: AreaRecord) -> tuple[object, ...]:
    return (
        record.country,
        record.code,
        record.name,
        city_slug(record.name, record.code),
        record.population,
        to_wkb(set_srid(record.area, 4326), hex=True, include_srid=True),
    )


def _upsert(name: str, count: int, report: AreaReport) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql.load("places", name))
        rows = cursor.fetchall()
    report.touched_ids = [row[0] for row in rows]
    report.added = sum(row[1] for row in rows)
    report.changed = len(rows) - report.added
    report.unchanged = count - len(rows)
