"""The addresses of the pages, gathered from the modules that hold their views."""

from django.urls import URLPattern

from mapper.web import (
    basemap,
    cities,
    data,
    devices,
    documents,
    look_alikes,
    map_page,
    moderation,
    moderation_batch,
    moderation_boxes,
    moderation_figures,
    moderation_matches,
    moderation_notices,
    moderation_queue,
    notices,
    osm_account,
    osm_desk,
    osm_held,
    pages,
    phone,
    photo_import,
    photos,
    receipts,
    report,
    second_factor,
    staff,
    tiles,
    trust_desk,
    walk,
    walk_notes,
)

_MODULES = (
    map_page,
    report,
    receipts,
    devices,
    cities,
    documents,
    look_alikes,
    data,
    photos,
    notices,
    pages,
    phone,
    staff,
    second_factor,
    moderation_queue,
    moderation_batch,
    moderation_boxes,
    moderation_figures,
    moderation,
    trust_desk,
    osm_desk,
    osm_account,
    osm_held,
    moderation_notices,
    moderation_matches,
    photo_import,
    tiles,
    basemap,
    walk,
    walk_notes,
)

urlpatterns: list[URLPattern] = [route for module in _MODULES for route in module.urlpatterns]
plain_urlpatterns: list[URLPattern] = [
    route for module in _MODULES for route in module.plain_urlpatterns
]
