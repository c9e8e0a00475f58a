"""Addresses about people."""

from django.urls import path

from clientela.platform.people import lost_factor, pages, seeing, team_pages

urlpatterns = [
    path("see-as/<int:person_id>/", seeing.start_view, name="people_see_as"),
    path("see-as/stop/", seeing.stop_view, name="people_see_as_stop"),
    path("settings/people/", pages.index, name="people"),
    path("settings/people/invite/", pages.invite, name="people_invite"),
    path("settings/people/<int:person_id>/", pages.person, name="people_person"),
    path("settings/people/<int:person_id>/edit/", pages.edit, name="people_edit"),
    path("settings/people/<int:person_id>/resend/", pages.resend, name="people_resend"),
    path("settings/people/<int:person_id>/revoke/", pages.revoke, name="people_revoke"),
    path("settings/people/<int:person_id>/deactivate/", pages.deactivate, name="people_deactivate"),
    path("settings/people/<int:person_id>/reactivate/", pages.reactivate, name="people_reactivate"),
    path("settings/people/<int:person_id>/sessions/end/", pages.end_sessions, name="people_end_sessions"),
    path("settings/people/<int:person_id>/lost-factor/", lost_factor.lost_factor, name="people_lost_factor"),
    path("settings/teams/new/", team_pages.new_team, name="people_team_new"),
    path("settings/teams/<int:team_id>/", team_pages.edit_team, name="people_team_edit"),
    path("settings/teams/<int:team_id>/delete/", team_pages.delete_team, name="people_team_delete"),
]
