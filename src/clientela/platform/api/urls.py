"""Addresses of the API."""

from django.urls import path, re_path

from clientela.platform.api import docs, pages, resources

RECORDS = r"^api/v1/(?P<plural>[-\w]{1,60})"
RECORD = RECORDS + r"/(?P<record_id>[0-9]{1,19})"

urlpatterns = [
    path("api/docs", docs.page, name="api_docs"),
    path("api/v1/openapi.json", docs.openapi, name="api_openapi"),
    path("profile/tokens/", pages.tokens_page, name="api_tokens"),
    path("profile/tokens/<int:token_id>/revoke/", pages.revoke, name="api_token_revoke"),
    path("settings/tokens/", pages.all_tokens, name="api_all_tokens"),
    path("settings/tokens/<int:token_id>/revoke/", pages.revoke_any, name="api_all_tokens_revoke"),
    re_path(RECORDS + r"/?$", resources.records, name="api_records"),
    re_path(RECORD + r"/?$", resources.record, name="api_record"),
    re_path(RECORD + r"/(?P<action>[-\w]{1,60})/?$", resources.record_action, name="api_action"),
    re_path(r"^api/", resources.elsewhere, name="api_elsewhere"),
]
