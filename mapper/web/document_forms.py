"""The forms of the editors' desk; the rules themselves are the actions'."""

from django import forms
from django.utils.translation import gettext_lazy as _

from mapper.documents.models import DocumentType
from mapper.sightings.vocabulary import Kind, Status


class DocumentForm(forms.Form):
    """A file and what it is."""

    file = forms.FileField(label=_("PDF file"), widget=forms.FileInput(attrs={"accept": ".pdf"}))
    title = forms.CharField(label=_("Title"), max_length=300)
    type = forms.ChoiceField(label=_("Type"), choices=DocumentType.choices, initial="other")
    language = forms.ChoiceField(
        label=_("Language"), choices=[("fr", _("French")), ("en", _("English"))]
    )
    dated_on = forms.CharField(
        label=_("Date"), max_length=10, required=False, help_text=_("2024, 2024-05 or 2024-05-12")
    )
    cities = forms.CharField(
        label=_("Cities"),
        max_length=2000,
        required=False,
        help_text=_("Official codes, joined by ;"),
    )
    source_url = forms.CharField(label=_("Where it is from (web)"), max_length=1000, required=False)
    licence = forms.CharField(label=_("Licence"), max_length=120, required=False)
    is_public = forms.BooleanField(label=_("Publish at once"), required=False)


class CitationForm(forms.Form):
    """A place in a document, and what it stands on."""

    page = forms.IntegerField(label=_("Page"), min_value=1, max_value=100_000)
    quote = forms.CharField(
        label=_("Quote"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Word for word, as the text of the page has it."),
    )
    device = forms.UUIDField(label=_("Id of a known device"), required=False)
    event = forms.UUIDField(label=_("Id of an event"), required=False)
    lat = forms.FloatField(
        label=_("Latitude"),
        required=False,
        help_text=_("For a device that only this document knows."),
    )
    lon = forms.FloatField(label=_("Longitude"), required=False)
    kind = forms.ChoiceField(
        label=_("Kind"), required=False, choices=[("", "—"), *Kind.choices[1:]]
    )
    status = forms.ChoiceField(
        label=_("Status"), required=False, choices=[("", "—"), *Status.choices]
    )
    seen_from = forms.CharField(
        label=_("In place since"),
        max_length=10,
        required=False,
        help_text=_("2024, 2024-05 or 2024-05-12"),
    )


class WithdrawalForm(forms.Form):
    """Why a document is taken off the site."""

    reason = forms.CharField(
        label=_("Reason, shown to readers"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
