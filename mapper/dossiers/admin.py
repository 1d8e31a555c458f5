"""Dossiers in the admin: introduction, statements with their citations, links out."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from mapper.dossiers import actions
from mapper.dossiers.models import Dossier, Link, Statement
from mapper.errors import BadInput
from mapper.staff_admin import WEB_ADDRESSES, ForEditors, PartialDateForm, editor_of


class LinkForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable when it runs
    """A link out."""

    def clean_url(self) -> str:
        """Take web addresses alone."""
        url = str(self.cleaned_data["url"])
        try:
            actions.check_web_address(url)
        except BadInput as error:
            raise ValidationError(error.message) from None
        return url


class StatementInline(ForEditors, admin.StackedInline):  # type: ignore[type-arg]  # of Statement
    """What is known, one thing at a time."""

    model = Statement
    form = PartialDateForm
    may_add = may_change = may_delete = True
    extra = 0
    fields = ("position", "dated_on", "text", "citations")
    autocomplete_fields = ("citations",)

    def cities_of(self, obj: Any) -> Iterable[Any]:
        """Return the city of the dossier that it stands in."""
        return [obj.city]


class LinkInline(ForEditors, admin.TabularInline):  # type: ignore[type-arg]  # of Link
    """Ways out."""

    model = Link
    form = LinkForm
    formfield_overrides = WEB_ADDRESSES
    may_add = may_change = may_delete = True
    extra = 0
    fields = ("kind", "title", "url")

    def cities_of(self, obj: Any) -> Iterable[Any]:
        """Return the city of the dossier that it stands in."""
        return [obj.city]


@admin.register(Dossier)
class DossierAdmin(ForEditors, admin.ModelAdmin):  # type: ignore[type-arg]  # of Dossier
    """A city's dossier."""

    may_add = may_change = True
    list_display = ("city", "is_public")
    list_select_related = ("city",)
    search_fields = ("city__name", "city__code")
    autocomplete_fields = ("city",)
    inlines = (StatementInline, LinkInline)

    def cities_of(self, obj: Any) -> Iterable[Any]:
        """Return the dossier's city."""
        return [obj.city]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Save the introduction."""
        actions.save_dossier(dossier=obj, editor=editor_of(request))

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        """Save and remove statements and links, each by its action."""
        for row in formset.save(commit=False):
            if isinstance(row, Statement):
                actions.save_statement(statement=row, editor=editor_of(request))
            else:
                actions.save_link(link=row, editor=editor_of(request))
        for row in formset.deleted_objects:
            if isinstance(row, Statement):
                actions.remove_statement(statement=row, editor=editor_of(request))
            else:
                actions.remove_link(link=row, editor=editor_of(request))
        formset.save_m2m()
