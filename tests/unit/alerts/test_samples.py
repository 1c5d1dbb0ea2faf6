"""Scraped samples are kept as Prometheus keeps them."""
from helpers import servers
from helpers.alerts.monitor import Monitor
from helpers.alerts.samples import Samples


def test_a_target_that_does_not_answer_is_down_and_its_series_are_gone():
    """`up` tells of the target, and no value of before stands for one of now."""
    samples, monitor = Samples(), Monitor()
    monitor.set("x", 2)
    monitor.start()
    samples.scrape("job", monitor.url, 0)
    assert [*samples.find_last("monitoring_x", 0).values()] == [2] and [*samples.find_last("up", 0).values()] == [1]
    monitor.stop()
    samples.scrape("job", f"http://127.0.0.1:{servers.free_port()}", 60)
    assert 0 in samples.find_last("up", 60).values()


def test_a_series_that_the_last_scrape_lacks_is_gone():
    """Its growth in a window stays."""
    samples = Samples()
    samples.add("a_total 1\n", 0, job="j")
    samples.add("a_total 3\n", 60, job="j")
    samples.add("b_total 1\n", 120, job="j")
    assert samples.find_last("a_total", 120) == {} and len(samples.find_last("b_total", 120)) == 1
    assert len(samples.find_growth("a_total", 120, 120)) == 1


def test_an_empty_label_is_none():
    """As Prometheus has it."""
    samples = Samples()
    samples.add('x{a="",b="1"} 1\n', 0, job="j")
    assert [*samples.find_last("x", 0)] == [frozenset({("b", "1"), ("job", "j")})]


def test_a_counter_that_begins_anew_has_grown():
    """What it had before counts."""
    samples = Samples()
    for minute, value in enumerate([10, 20, 5]):
        samples.add(f"a_total {value}\n", 60 * minute, job="j")
    assert [*samples.find_growth("a_total", 120, 120).values()] == [15]
