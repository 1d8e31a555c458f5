"""Documents in the admin: what is said of them. Files, publication and citing are at their desk."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from mapper.documents.actions import edit_document, remove_citation
from mapper.documents.models import Citation, Document
from mapper.staff_admin import WEB_ADDRESSES, ForEditors, PartialDateForm, editor_of


@admin.register(Document)
class DocumentAdmin(ForEditors, admin.ModelAdmin):  # type: ignore[type-arg]  # of Document
    """A document: title, type, date, cities, source, licence, language."""

    may_change = True
    form = PartialDateForm
    formfield_overrides = WEB_ADDRESSES
    list_display = ("title", "type", "dated_on", "is_public", "page_count")
    list_filter = ("type", "is_public", "language")
    search_fields = ("title", "slug")
    autocomplete_fields = ("cities",)
    readonly_fields = ("slug", "desk", "is_public", "notice", "page_count", "size_bytes", "sha256")
    fields = (
        *("title", "type", "language", "dated_on", "cities", "source_url", "licence"),
        *readonly_fields,
    )

    def cities_of(self, obj: Any) -> Iterable[Any]:
        """Return the document's cities."""
        cities: Iterable[Any] = obj.cities.all()
        return cities

    @admin.display(description=_("Desk"))
    def desk(self, document: Document) -> str:
        """Lead to where it is published, withdrawn and cited."""
        address = reverse("document_desk", args=[document.slug])
        return format_html('<a href="{}">{}</a>', address, _("Publish, withdraw, cite"))

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Set what was typed."""
        said = form.cleaned_data
        names = ("title", "type", "language", "dated_on", "cities", "source_url", "licence")
        facts = {name: said[name] for name in names}
        edit_document(document=obj, editor=editor_of(request), **facts)


@admin.register(Citation)
class CitationAdmin(ForEditors, admin.ModelAdmin):  # type: ignore[type-arg]  # of Citation
    """A citation: to be found and taken back; made at the desk, where the page is in sight."""

    may_delete = True
    list_display = ("document", "page", "quote")
    search_fields = ("quote", "document__title")
    list_select_related = ("document",)
    readonly_fields = ("document", "page", "quote", "claim", "event")
    fields = readonly_fields
    actions = None

    def cities_of(self, obj: Any) -> Iterable[Any]:
        """Return the cities of its document."""
        cities: Iterable[Any] = obj.document.cities.all()
        return cities

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        """Take it back, with its claim."""
        remove_citation(citation=obj, editor=editor_of(request))
