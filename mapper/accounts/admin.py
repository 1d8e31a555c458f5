"""Staff accounts in the admin, for operators; new ones are made by `create_staff`."""

from typing import Any, cast

from django.contrib import admin
from django.contrib.auth.models import Group
from django.http import HttpRequest
from procrastinate.contrib.django.models import ProcrastinateJob

from mapper.accounts.actions import change_access
from mapper.accounts.models import User
from mapper.staff_admin import ForOperators

# Roles are ours, not groups; jobs hold ids of reports that are nobody's reading.
admin.site.unregister([Group, ProcrastinateJob])


@admin.register(User)
class UserAdmin(ForOperators, admin.ModelAdmin):  # type: ignore[type-arg]  # of User
    """An account: its role, and whether it is open. Nobody deletes one that has decided."""

    may_change = True
    list_display = ("username", "role", "is_active")
    list_filter = ("role", "is_active")
    search_fields = ("username",)
    readonly_fields = ("username",)
    fields = ("username", "role", "is_active")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Let operators change others' access, never their own."""
        return super().has_change_permission(request, obj) and obj != request.user

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Give or take access."""
        actor = cast(User, request.user)
        change_access(user=obj, role=obj.role, is_active=obj.is_active, actor=actor)
