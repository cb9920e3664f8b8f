"""Addresses of the Open Inference Protocol, as its clients know them."""

from django.urls import path

from deployments.api import open_inference as protocol

urlpatterns = [
    path("v2", protocol.server),
    path("v2/", protocol.server, name="inference_server"),
    path("v2/health/live", protocol.live, name="inference_live"),
    path("v2/health/ready", protocol.ready, name="inference_ready"),
    path("v2/models/<str:name>", protocol.model, name="inference_model"),
    path("v2/models/<str:name>/ready", protocol.model_ready, name="inference_model_ready"),
    path("v2/models/<str:name>/infer", protocol.infer, name="inference"),
    path("v2/models/<str:name>/versions/<str:version>", protocol.model),
    path("v2/models/<str:name>/versions/<str:version>/ready", protocol.model_ready),
    path("v2/models/<str:name>/versions/<str:version>/infer", protocol.infer),
]
