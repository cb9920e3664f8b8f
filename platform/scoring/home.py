"""The part of the first page that is about scoring."""

from common.home import Card, Place

CARDS = (Card(Place.TILE, "scoring/home/_score_tile.html", weight=20),)
