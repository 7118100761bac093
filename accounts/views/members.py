"""Who works on the current bot."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts import members, people
from accounts.forms import MemberForm, RoleForm
from accounts.models import Membership
from accounts.paging import page_of
from accounts.requests import BotRequest
from accounts.roles import Role
from accounts.views.tabs import bot_needed, render_tab

LAST_ADMIN = (
    "Nothing was changed: {name} is the last admin of this bot. Make somebody else an admin first."
)
SAME_MOMENT = "Somebody made this account at the same moment. Send the form again to add them."


@dataclass(frozen=True)
class Row:
    member: Membership
    form: RoleForm


may_manage = permission_required("accounts.manage_members", raise_exception=True)


@require_safe
@permission_required("accounts.view_membership", raise_exception=True)
@bot_needed
def member_list(request: BotRequest) -> HttpResponse:
    return _page(request)


@require_POST
@may_manage
@bot_needed
@never_cache
def add(request: BotRequest) -> HttpResponse:
    """Add somebody; show the password of an account that is new, this once."""
    form = MemberForm(request.POST)
    if not form.is_valid():
        return _page(request, status=422, form=form)
    try:
        joined = members.add(request.bot, by=request.user, **form.cleaned_data)
    except members.AlreadyMember:
        form.add_error("username", "This person is a member already. Change their role below.")
        return _page(request, status=422, form=form)
    except people.UsernameTaken:
        form.add_error("username", SAME_MOMENT)
        return _page(request, status=422, form=form)
    if joined.password:
        return _page(request, joined=joined)
    messages.success(request, f"{joined.membership.user.shown_name} is a member now.")
    return redirect("accounts:members")


@require_POST
@may_manage
@bot_needed
def change_role(request: BotRequest, member_id: int) -> HttpResponse:
    member = _member(request, member_id)
    form = RoleForm(request.POST)
    if not form.is_valid():
        return _page(request, status=422, refused="Nothing was changed: choose one of the roles.")
    try:
        members.change_role(member, role=form.cleaned_data["role"], by=request.user)
    except members.LastAdmin:
        return _page(request, status=422, refused=_last_admin(member))
    label = Role(form.cleaned_data["role"]).label
    messages.success(request, f"{member.user.shown_name}: {label} from now on.")
    return redirect("accounts:members")


@require_POST
@may_manage
@bot_needed
def remove(request: BotRequest, member_id: int) -> HttpResponse:
    member = _member(request, member_id)
    try:
        members.remove(member, by=request.user)
    except members.LastAdmin:
        return _page(request, status=422, refused=_last_admin(member))
    messages.success(request, f"{member.user.shown_name} is no member any more.")
    if member.user != request.user:
        return redirect("accounts:members")
    # Whoever removed themself may not see the list, nor the bot.
    request.named_bot = None
    return redirect("accounts:settings")


def _member(request: BotRequest, member_id: int) -> Membership:
    of_bot = Membership.objects.of(request.bot).select_related("user", "bot")
    return get_object_or_404(of_bot, pk=member_id)


def _last_admin(member: Membership) -> str:
    return LAST_ADMIN.format(name=member.user.shown_name)


def _page(request: BotRequest, *, status: int = 200, **more: Any) -> HttpResponse:
    rows = Membership.objects.of(request.bot).select_related("user").by_username()
    page = page_of(rows, request)
    shown = {"form": MemberForm(), "page": page, "rows": [_row(member) for member in page]}
    return render_tab(request, "accounts/members.html", shown | more, status=status)


def _row(member: Membership) -> Row:
    form = RoleForm(initial={"role": member.role}, auto_id=f"member-{member.pk}-%s")
    return Row(member, form)
