# SPDX-License-Identifier: MIT
"""How many recipients a registration may have in an hour: on the pages, for operators, as the relays report it."""


# --- one unit everywhere --------------------------------------------------------------------------

def test_the_form_names_the_unit(ow1):
    words = ow1.page("/registrations/new").words
    assert "Up to 1000 recipients an hour." in words
    assert "Up to 200 recipients an hour for each device or server." in words
    assert "A message to 50 people is 50 recipients." in words
    assert "messages an hour" not in words


def test_help_keeps_its_promise(stranger):
    printers = stranger.page("/help/printers")
    assert "printers that share an address take nothing from each other" in printers.words
    assert "/help/rates" in printers.links and "/help/rates" in stranger.page("/help").links
    words = stranger.page("/help/rates").words
    assert "Scanner Up to 200 recipients an hour for each device or server" in words
    assert "a message to 50 people is 50 recipients" in words
