"""The API's addresses come first, since any other name there is a kind of record."""

from clientela.platform.history import act_views, api, log_views, past_views

urlpatterns = [
    *api.urlpatterns,
    *log_views.urlpatterns,
    *act_views.urlpatterns,
    *past_views.urlpatterns,
]
