"""/api/docs"""


def test_every_call_of_the_schema_is_on_the_page(as_annotator):
    schema = as_annotator.get("/api/v1/openapi.json").json()

    page = as_annotator.get("/api/docs").content.decode()

    calls = [
        f"{method.upper()} {address}"
        for address, methods in schema["paths"].items()
        for method in methods
    ]
    assert calls
    assert all(call in page for call in calls)


def test_fields_come_with_their_bounds(as_annotator):
    page = as_annotator.get("/api/docs").content.decode()

    assert "number, from 0, to 1" in page
    assert "text, at most 20,000 characters" in page


def test_code_to_copy_is_about_the_bot_of_the_page(as_annotator):
    page = as_annotator.get("/api/docs").content.decode()

    assert "/api/v1/events?bot=bank-bot" in page


def test_nothing_on_the_page_comes_from_elsewhere(as_annotator):
    page = as_annotator.get("/api/docs").content.decode()

    assert 'src="http' not in page
    assert 'rel="stylesheet" href="http' not in page
