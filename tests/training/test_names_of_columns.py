"""A column is called as the dictionary calls it, in the reader's language, wherever it stands in a list."""

from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from accounts.models import User
from dictionary.models import DictionaryEntry
from training.models import Experiment


@pytest.fixture
def page(draft: Experiment, analyst: User, client_of: Callable[[User], Client]) -> Callable[..., str]:
    DictionaryEntry.objects.create(
        dataset=draft.version.dataset, name="age", name_zh="客户年龄", name_en="Age in years", set_by=analyst
    )
    client = client_of(analyst)

    def get(name: str, language: str, **asked: Any) -> str:
        client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
        return str(client.get(reverse(name, args=[draft.pk]), asked).content.decode())

    return get


@pytest.mark.parametrize("name", ["experiment_data", "experiment_plan"])
@pytest.mark.parametrize(
    ("language", "word", "other"), [("zh-hans", "客户年龄", "Age in years"), ("en", "Age in years", "客户年龄")]
)
def test_the_dictionary_names_a_column_in_the_language_of_the_page(
    page: Callable[..., str], name: str, language: str, word: str, other: str
) -> None:
    shown = page(name, language)
    assert word in shown
    assert other not in shown


@pytest.mark.parametrize("name", ["experiment_data", "experiment_plan"])
def test_a_column_is_found_by_its_word_in_either_language(page: Callable[..., str], name: str) -> None:
    assert 'wrap-any">age<' in page(name, "en", q="客户年")
    assert 'wrap-any">age<' not in page(name, "en", q="月龄")
