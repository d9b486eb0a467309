"""The verbs of the room: load an instrument from its file, and publish it."""

from indicators.actions.checking import InstrumentError, read_instrument
from indicators.actions.loading import Loaded, load_instrument, publish_instrument
from indicators.actions.record import Actor

__all__ = [
    "Actor",
    "InstrumentError",
    "Loaded",
    "load_instrument",
    "publish_instrument",
    "read_instrument",
]
