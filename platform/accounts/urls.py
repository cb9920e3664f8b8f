"""Addresses about people."""

from django.urls import path

from accounts import views
from accounts.decorators import for_everybody, for_signed_in

urlpatterns = [
    path("sign-in/", for_everybody(views.SignIn.as_view()), name="sign_in"),
    path("signed-in/", views.signed_in, name="signed_in"),
    path("sign-out/", for_signed_in(views.SignOut.as_view()), name="sign_out"),
    path("language/", views.set_language, name="set_language"),
    path("theme/", views.set_theme, name="set_theme"),
    path("workspace/", views.switch_workspace, name="switch_workspace"),
    path("account/", views.profile, name="account"),
    path("account/password/", views.change_password, name="change_password"),
    path("account/tokens/", views.create_token, name="token_create"),
    path("account/tokens/<int:pk>/revoke/", views.revoke_token, name="token_revoke"),
    path("people/", views.people, name="people"),
    path("people/<int:pk>/role/", views.change_role, name="person_role"),
    path("people/<int:pk>/unmasking/", views.set_may_unmask, name="person_unmasking"),
    path("people/<int:pk>/password/", views.reset_password, name="person_password"),
    path("people/<int:pk>/deactivate/", views.set_active, {"act": "deactivate"}, name="person_deactivate"),
    path("people/<int:pk>/reactivate/", views.set_active, {"act": "reactivate"}, name="person_reactivate"),
]
