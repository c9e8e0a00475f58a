"""Addresses of signing in beyond the password; those of allauth under its own names."""

from __future__ import annotations

from allauth.mfa.base import views as mfa
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as keys
from django.urls import path

from clientela.platform.signing import pages, provider, recovery, views

urlpatterns = [
    path("account/link/<str:token>/", views.signin_link_page, name="access_signin_link"),
    path("account/invitation/<str:token>/", views.accept, name="signing_accept"),
    path("account/not-me/<str:token>/", views.not_me, name="signing_not_me"),
    path("account/code/", mfa.authenticate, name="mfa_authenticate"),
    path("account/passkey/", keys.login_webauthn, name="mfa_login_webauthn"),
    path("account/confirm/code/", mfa.reauthenticate, name="mfa_reauthenticate"),
    path("account/confirm/passkey/", keys.reauthenticate_webauthn, name="mfa_reauthenticate_webauthn"),
    path("account/company/<slug:provider_id>/", provider.login, name="openid_connect_login"),
    path("account/company/<slug:provider_id>/callback/", provider.callback, name="openid_connect_callback"),
    path("profile/security/", pages.security_page, name="mfa_index"),
    path("profile/security/keys/", pages.security_page, name="mfa_list_webauthn"),
    path("profile/security/required/", pages.required_page, name="signing_required"),
    path("profile/security/sessions/others/end/", pages.end_others, name="signing_end_others"),
    path("profile/security/sessions/<int:session_id>/end/", pages.end_session, name="signing_end_session"),
    path("profile/security/notices/", pages.choose_notices, name="signing_notices"),
    path("profile/security/keys/add/", keys.add_webauthn, name="mfa_add_webauthn"),
    path("profile/security/keys/<int:pk>/remove/", keys.remove_webauthn, name="mfa_remove_webauthn"),
    path("profile/security/keys/<int:pk>/edit/", keys.edit_webauthn, name="mfa_edit_webauthn"),
    path("profile/security/app/add/", totp.activate_totp, name="mfa_activate_totp"),
    path("profile/security/app/remove/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path("profile/security/codes/", recovery.ShownView.as_view(), name="mfa_view_recovery_codes"),
    path("profile/security/codes/new/", recovery.MakeView.as_view(), name="mfa_generate_recovery_codes"),
]
