"""Sign in and out, the own profile, language, theme and workspace, and the people of a workspace."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.views import LoginView, LogoutView
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import services
from accounts.attempts import address_of
from accounts.decorators import for_everybody, for_signed_in, role_required
from accounts.errors import NotAllowed
from accounts.forms import NewPasswordForm, OwnPasswordForm, PersonForm, ProfileForm, SignInForm, TokenForm
from accounts.middleware import CURRENT_WORKSPACE
from accounts.models import Membership, Role
from accounts.queries import people_of, workspace_for
from accounts.requests import SignedInRequest, page_asked_for, page_before
from accounts.samples import PASSWORD
from common import addresses

A_YEAR = 365 * 24 * 3600
PEOPLE_ACTS = {"deactivate": services.deactivate, "reactivate": services.reactivate}


class SignIn(LoginView):
    template_name = "accounts/sign_in.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        samples = Membership.objects.filter(user__is_sample=True, user__is_active=True).select_related("user")
        shown = samples.order_by("pk") if settings.SAMPLE_PEOPLE_MAY_SIGN_IN else samples.none()
        return super().get_context_data(samples=shown, sample_password=PASSWORD, **kwargs)


@for_signed_in
def signed_in(request: SignedInRequest) -> HttpResponse:
    """Where a sign-in ends that a page in another tab had asked for."""
    return render(request, "accounts/signed_in.html")


class SignOut(LogoutView):
    next_page = "sign_in"


@require_POST
@for_everybody
def set_language(request: HttpRequest) -> HttpResponse:
    """Switch the language: in a cookie for a visitor, with the person once signed in."""
    language = request.POST.get("language", "")
    if language not in dict(settings.LANGUAGES):
        raise Http404
    answer = _back(request)
    answer.set_cookie(settings.LANGUAGE_COOKIE_NAME, language, max_age=A_YEAR, samesite="Lax")
    if request.user.is_authenticated:
        services.prefer(request.user, language=language)
    return answer


@require_POST
@for_everybody
def set_theme(request: HttpRequest) -> HttpResponse:
    """Switch between light and dark; an empty word follows the machine."""
    theme = request.POST.get("theme", "")
    if theme not in ("", "light", "dark"):
        raise Http404
    answer = HttpResponse(status=204) if request.headers.get("HX-Request") else _back(request)
    answer.set_cookie("theme", theme, max_age=A_YEAR, samesite="Lax")
    if request.user.is_authenticated:
        services.prefer(request.user, theme=theme)
    return answer


@require_POST
@for_signed_in
def switch_workspace(request: SignedInRequest) -> HttpResponse:
    """Go to another of one's own workspaces."""
    workspace = workspace_for(request.user, request.POST.get("workspace", ""))
    request.session[CURRENT_WORKSPACE] = workspace.slug
    return redirect(addresses.address_of("home"))


@for_signed_in
def profile(request: SignedInRequest) -> HttpResponse:
    """Own name, roles and API keys."""
    form = ProfileForm(request.POST or None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Your name is saved."))
        return redirect("account")
    return _profile_page(request, form=form)


@require_POST
@for_signed_in
def change_password(request: SignedInRequest) -> HttpResponse:
    form = OwnPasswordForm(request.POST, user=request.user, address=address_of(request))
    if not form.is_valid():
        if form.has_error("current", "wrong_password"):
            services.note_wrong_password(request.user, address_of(request))
        return _profile_page(request, password_form=form)
    services.change_own_password(request.user, form.cleaned_data["password"])
    update_session_auth_hash(request, request.user)
    messages.success(request, _("Your password is changed."))
    return redirect("account")


@require_POST
@for_signed_in
def create_token(request: SignedInRequest) -> HttpResponse:
    """Make an API key and show its secret, this one time."""
    form = TokenForm(request.POST)
    if not form.is_valid():
        return _profile_page(request, token_form=form)
    _token, secret = services.create_token(request.user, form.cleaned_data["name"])
    return _profile_page(request, new_secret=secret)


@require_POST
@for_signed_in
def revoke_token(request: SignedInRequest, pk: int) -> HttpResponse:
    token = get_object_or_404(request.user.api_tokens, pk=pk)
    services.revoke_token(token, actor=request.user)
    messages.success(request, _("The key %(name)s no longer works.") % {"name": token.name})
    return redirect("account")


@role_required(Role.ADMIN)
def people(request: SignedInRequest) -> HttpResponse:
    """Everyone in the workspace; admins add people here."""
    form = PersonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        person = services.add_person(workspace=request.workspace, actor=request.user, **form.cleaned_data)
        messages.success(request, _("%(name)s can sign in now.") % {"name": person})
        return redirect("people")
    context = {"people": people_of(request.workspace), "form": form, "roles": Role.choices}
    return render(request, "accounts/people.html", context)


@require_POST
@role_required(Role.ADMIN)
def change_role(request: SignedInRequest, pk: int) -> HttpResponse:
    membership = _member(request, pk)
    role = request.POST.get("role", "")
    if role not in Role.values:
        raise Http404
    try:
        services.change_role(membership, role, actor=request.user)
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
    else:
        words = {"name": membership.user, "role": Role(role).label}
        messages.success(request, _("The role of %(name)s is now: %(role)s.") % words)
    return redirect("people")


@require_POST
@role_required(Role.ADMIN)
def set_may_unmask(request: SignedInRequest, pk: int) -> HttpResponse:
    """Let a modeler see personal data, or no longer."""
    membership = _member(request, pk)
    may_unmask = request.POST.get("may_unmask") == "yes"
    services.set_may_unmask(membership, may_unmask, actor=request.user)
    if may_unmask:
        words = _("%(name)s may now see personal data. A reason has to be given each time and is recorded.")
    else:
        words = _("%(name)s sees personal data masked from now on.")
    messages.success(request, words % {"name": membership.user})
    return redirect("people")


@require_POST
@role_required(Role.ADMIN)
def set_active(request: SignedInRequest, pk: int, act: str) -> HttpResponse:
    """Close an account or open it again."""
    membership = _member(request, pk)
    try:
        PEOPLE_ACTS[act](membership, actor=request.user)
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
    return redirect("people")


@role_required(Role.ADMIN)
def reset_password(request: SignedInRequest, pk: int) -> HttpResponse:
    membership = _member(request, pk)
    form = NewPasswordForm(request.POST or None, user=membership.user)
    if request.method == "POST" and form.is_valid():
        services.reset_password(membership, form.cleaned_data["password"], actor=request.user)
        messages.success(
            request,
            _("%(name)s now signs in with the new password. The old API keys no longer work.")
            % {"name": membership.user},
        )
        return redirect("people")
    return render(request, "accounts/reset_password.html", {"form": form, "membership": membership})


def _member(request: SignedInRequest, pk: int) -> Membership:
    return get_object_or_404(people_of(request.workspace), pk=pk)


def _profile_page(request: SignedInRequest, **forms: Any) -> HttpResponse:
    user = request.user
    context = {
        "form": ProfileForm(instance=user),
        "password_form": OwnPasswordForm(user=user),
        "token_form": TokenForm(),
        "tokens": user.api_tokens.filter(revoked_at=None).order_by("-created_at"),
        **forms,
    }
    has_errors = any(getattr(form, "errors", None) for form in forms.values())
    return render(request, "accounts/profile.html", context, status=422 if has_errors else 200)


def _back(request: HttpRequest) -> HttpResponseRedirect:
    """Return to the page the switch was on; never to another site."""
    return HttpResponseRedirect(page_asked_for(request, page_before(request)))
