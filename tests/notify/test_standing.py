# SPDX-License-Identifier: MIT
"""What a suspension leaves behind, and who may undo it."""

from conftest import at
from test_year import Year


def state(year, name):
    return year.site.sql(f"SELECT state FROM registration WHERE id = '{year.ids[name]}'")[0][0]


def keep_suspended(year, time, name):
    """As the operators' button does it: the state stays, whose suspension it is changes."""
    year.change(name, time, "rl1", "suspended", "",
                f"UPDATE registration SET suspended_by_operator = true WHERE id = '{year.ids[name]}'")


def test_owners_answer_leaves_the_relay_teams_suspension(site):
    year = Year(site)
    year.register(at("2027-01-10"), "yc", "ow-a", "network")
    for day in ("2028-01-10", "2028-02-09"):
        site.notify(at(day))
    assert state(year, "yc") == "suspended"
    keep_suspended(year, at("2028-02-10"), "yc")
    year.confirm(at("2028-02-11"), "yc")
    site.notify(at("2028-02-11"))
    assert state(year, "yc") == "suspended"
    year.resume(at("2028-02-12"), "yc")
    site.notify(at("2028-02-12"))
    assert state(year, "yc") == "live"
