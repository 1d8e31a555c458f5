"""Staff accounts in the admin, for operators; new ones are made by `create_staff`."""

from typing import Any, cast

from django.contrib import admin
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from procrastinate.contrib.django.models import ProcrastinateJob

from mapper.accounts.actions import change_access
from mapper.accounts.models import User
from mapper.accounts.second_factor import take_away_from
from mapper.staff_admin import ForOperators

# Roles are ours, not groups; jobs hold ids of reports that are nobody's reading.
admin.site.unregister([Group, ProcrastinateJob])


@admin.register(User)
class UserAdmin(ForOperators, admin.ModelAdmin):  # type: ignore[type-arg]  # of User
    """An account: role, cities, and whether it is open. Nobody deletes one that has decided."""

    may_change = True
    list_display = ("username", "pseudonym", "role", "is_active", "has_second_factor")
    list_filter = ("role", "is_active")
    search_fields = ("username",)
    readonly_fields = ("username", "pseudonym", "has_second_factor")
    fields = ("username", "pseudonym", "role", "is_active", "cities", "has_second_factor")
    autocomplete_fields = ("cities",)
    actions = ("take_second_factor_away",)

    @admin.display(boolean=True, description=_("second factor"))
    def has_second_factor(self, user: User) -> bool:
        """Show whether a password alone lets in."""
        return user.has_second_factor

    @admin.action(
        description=_("Take the second factor away, for who lost it"), permissions=["change"]
    )
    def take_second_factor_away(self, request: HttpRequest, users: QuerySet[User]) -> None:
        """Let people set their second factor up anew; all their sessions end."""
        for user in users:
            take_away_from(user=user, actor=cast(User, request.user))
        self.message_user(request, _("Done. They are asked for a new one when they sign in."))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Let operators change others' access, never their own."""
        return super().has_change_permission(request, obj) and obj != request.user

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Ask who it is first: Django's own tells anybody of the staff which accounts there are."""
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        return super().history_view(request, object_id, extra_context)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Give or take access."""
        actor = cast(User, request.user)
        change_access(
            user=obj,
            role=obj.role,
            is_active=obj.is_active,
            actor=actor,
            cities=form.cleaned_data.get("cities"),
        )
