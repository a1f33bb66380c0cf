from hypothesis import given
from hypothesis import strategies as st

from changestream.wire.attribute_values import to_boto3, to_event

SCALARS = st.one_of(
    st.text().map(lambda text: {"S": text}),
    st.integers().map(lambda number: {"N": str(number)}),
    st.binary(min_size=1).map(lambda raw: {"B": raw}),
    st.lists(st.binary(min_size=1), min_size=1).map(lambda raw: {"BS": raw}),
    st.booleans().map(lambda value: {"BOOL": value}),
    st.just({"NULL": True}),
    st.lists(st.text(), min_size=1).map(lambda texts: {"SS": texts}),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda values: {"L": values}),
        st.dictionaries(st.text(min_size=1), inner, max_size=3).map(lambda values: {"M": values}),
    ),
    max_leaves=6,
)


@given(st.dictionaries(st.text(min_size=1), VALUES, max_size=3))
def test_an_image_survives_the_way_into_an_event_and_back(image: dict[str, object]) -> None:
    assert to_boto3(to_event(image)) == image


def test_binaries_are_base64_text_in_an_event_however_deep() -> None:
    assert to_event({"a": {"L": [{"M": {"b": {"B": b"foobar"}}}]}}) == {"a": {"L": [{"M": {"b": {"B": "Zm9vYmFy"}}}]}}
