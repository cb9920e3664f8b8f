"""Who may look, change and decide: the owner, the colleague, the stranger."""

from collections.abc import Callable

import pytest
from django.http import Http404
from django.test import Client

from accounts.models import Role, User, Workspace
from accounts.permissions import can_edit, can_view, role_in
from accounts.queries import workspace_for, workspaces_of
from catalog.job_kinds import JobKind
from jobs.models import Job

pytestmark = pytest.mark.django_db


def test_a_stranger_does_not_learn_that_a_workspace_exists(stranger: User, workspace: Workspace) -> None:
    with pytest.raises(Http404):
        workspace_for(stranger, workspace.slug)
    assert workspace not in workspaces_of(stranger)
    assert role_in(stranger, workspace) is None


def test_the_owner_a_modeler_and_an_admin_may_change_an_object_and_a_fellow_analyst_may_only_look(
    workspace: Workspace, analyst: User, modeler: User, admin: User, stranger: User, add_person: Callable[..., User]
) -> None:
    fellow = add_person("fellow", Role.ANALYST)
    job = Job.objects.create(kind=JobKind.INGEST, workspace=workspace, owner=analyst, subject_id=1)
    people = (analyst, modeler, admin, fellow, stranger)
    assert [can_edit(person, job) for person in people] == [True, True, True, False, False]
    assert [can_view(person, job) for person in people] == [True, True, True, True, False]


def test_a_job_is_seen_by_a_colleague_stopped_by_its_owner_and_hidden_from_a_stranger(
    workspace: Workspace,
    analyst: User,
    stranger: User,
    add_person: Callable[..., User],
    client_of: Callable[[User], Client],
) -> None:
    fellow = add_person("fellow", Role.ANALYST)
    job = Job.objects.create(kind=JobKind.INGEST, workspace=workspace, owner=analyst, subject_id=1)
    progress, cancel = f"/jobs/{job.pk}/progress", f"/jobs/{job.pk}/cancel"
    assert client_of(fellow).get(progress).status_code == 200
    assert client_of(stranger).get(progress).status_code == 404
    assert client_of(stranger).post(cancel).status_code == 404
    assert client_of(fellow).post(cancel).status_code == 403
    job.refresh_from_db()
    assert not job.cancel_requested
    assert client_of(analyst).post(cancel, {"next": "/"}).status_code == 302
    job.refresh_from_db()
    assert job.state == "cancelled"


def test_a_page_asks_a_visitor_to_sign_in_and_a_fragment_asks_for_a_fresh_page(workspace: Workspace) -> None:
    page = Client().get("/people/")
    assert (page.status_code, page["Location"]) == (302, "/sign-in/?next=/people/")
    fragment = Client().get("/people/", headers={"HX-Request": "true"})
    assert (fragment.status_code, fragment["HX-Refresh"]) == (204, "true")


def test_a_script_that_is_signed_out_is_told_so_and_not_sent_to_the_sign_in_page() -> None:
    told = Client().post("/data/new/", headers={"accept": "application/json"})
    piece = Client().post("/uploads/", headers={"tus-resumable": "1.0.0", "upload-length": "5"})
    assert (told.status_code, told.content.decode()) == (401, "You have been signed out. Sign in again to continue.")
    assert piece.status_code == 401


def test_a_form_sent_while_signed_out_leads_back_to_its_page_and_to_no_other_site() -> None:
    sent = Client().post("/workspace/", headers={"referer": "http://testserver/people/?q=a"})
    lured = Client().post("/workspace/", headers={"referer": "http://elsewhere.example/people/"})
    assert (sent.status_code, sent["Location"]) == (302, "/sign-in/?next=/people/%3Fq%3Da")
    assert lured["Location"] == "/sign-in/?next=/"


def test_what_belongs_to_something_belongs_to_its_workspace_in_the_end() -> None:
    """Models say themselves what they belong to, so that permissions know none of them."""
    from django.apps import apps
    from django.db.models import Model

    def ends_at_a_workspace(model: type[Model]) -> bool:
        if any(field.name == "workspace" for field in model._meta.fields):
            return True
        step = getattr(model, "belongs_to", "")
        above = model._meta.get_field(step).related_model if step else None
        return above is not None and ends_at_a_workspace(above)

    belonging = [model for model in apps.get_models() if getattr(model, "belongs_to", "")]

    assert len(belonging) > 10
    assert [model for model in belonging if not ends_at_a_workspace(model)] == []
