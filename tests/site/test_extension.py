"""The parts of the Sphinx extension that can be tested without a build."""

import subprocess
import sys
from types import SimpleNamespace

import pytest
from sphinx.errors import ExtensionError

from tools.notebooks import REPOSITORY

sys.path.append(str(REPOSITORY / "_ext"))
from nnsite import offline, repository, widgets  # noqa: E402


@pytest.mark.parametrize(
    ("remote", "expected"),
    [
        ("https://github.com/owner/course.git", "https://github.com/owner/course"),
        ("https://github.com/owner/course", "https://github.com/owner/course"),
        ("https://token@github.com/owner/course/", "https://github.com/owner/course"),
        ("git@github.com:owner/my.course.git", "https://github.com/owner/my.course"),
        ("ssh://git@github.com/owner/course.git", "https://github.com/owner/course"),
        ("https://example.org/owner/course.git", None),
        ("../somewhere/course", None),
        (None, None),
    ],
)
def test_the_repository_is_that_of_the_remote(tmp_path, remote, expected):
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    if remote:
        command = ["git", "remote", "add", "origin", remote]
        subprocess.run(command, cwd=tmp_path, check=True)
    found = repository.find_repository(tmp_path, {})
    assert found == (expected and (expected, "main"))


def test_the_repository_of_the_continuous_integration_comes_first(tmp_path):
    environment = {
        "GITHUB_REPOSITORY": "owner/course",
        "GITHUB_REF_TYPE": "branch",
        "GITHUB_REF_NAME": "spring",
    }
    found = repository.find_repository(tmp_path, environment)
    assert found == ("https://github.com/owner/course", "spring")


def test_without_a_repository_there_are_no_buttons(tmp_path, monkeypatch):
    monkeypatch.delenv("GITHUB_REPOSITORY", raising=False)
    config = SimpleNamespace(html_theme_options={})
    repository.add_buttons(SimpleNamespace(srcdir=tmp_path), config)
    assert config.html_theme_options == {}
    monkeypatch.setenv("GITHUB_REPOSITORY", "owner/course")
    repository.add_buttons(SimpleNamespace(srcdir=tmp_path), config)
    assert config.html_theme_options["use_issues_button"]
    assert "binderhub_url" in config.html_theme_options["launch_buttons"]


def test_a_foreign_script_of_an_extension_is_refused():
    def scripts(*names):
        return {
            "script_files": [
                SimpleNamespace(filename=name, attributes={}) for name in names
            ]
        }

    context = scripts("_static/own.js", "_static/sphinx-thebe.js")
    offline.drop_unwanted_scripts(None, "page", "page.html", context, None)
    assert [script.filename for script in context["script_files"]] == ["_static/own.js"]
    for foreign in ("https://cdn.example.org/x.js", "//cdn.example.org/x.js"):
        with pytest.raises(ExtensionError, match="cdn.example.org"):
            offline.drop_unwanted_scripts(
                None, "page", "page.html", scripts(foreign), None
            )


@pytest.mark.parametrize(
    "html",
    [
        '<link rel="stylesheet" href="https://cdn.example.org/x">',
        '<link rel="preconnect" href="//cdn.example.org/x">',
        '<img alt="" src="http://cdn.example.org/x">',
        '<img alt="" src="a.png" srcset="a.png 1x, https://cdn.example.org/x 2x">',
        '<iframe src="https://cdn.example.org/x"></iframe>',
        "<style>@import 'https://cdn.example.org/x';</style>",
        '<style>p { background: url("//cdn.example.org/x") }</style>',
        '<p style="background: url(https://cdn.example.org/x)">',
    ],
)
def test_what_a_page_would_fetch_elsewhere_is_found(tmp_path, html):
    (tmp_path / "page.html").write_text(html)
    assert len(offline.foreign_addresses(tmp_path)) == 1


def test_what_a_style_sheet_would_fetch_elsewhere_is_found(tmp_path):
    (tmp_path / "x.css").write_text("p { color: url(https://cdn.example.org/f) }")
    assert offline.foreign_addresses(tmp_path) == ["x.css: https://cdn.example.org/f"]


def test_links_and_own_files_are_no_foreign_addresses(tmp_path):
    (tmp_path / "page.html").write_text(
        '<a href="https://example.org">x</a><link rel="canonical" href="https://e.org/">'
        '<img alt="" src="a.png"><script>const x = "https://example.org"</script>'
        '<img alt="" src="data:image/png;base64,aa//bb">'
    )
    assert offline.foreign_addresses(tmp_path) == []


def committed(folder, *names):
    def run(*arguments):
        subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True)

    run("init", "-q", "-b", "main")
    run("remote", "add", "origin", "https://github.com/someone/thesis.git")
    if names:
        run("add", *names)


def test_a_course_in_a_subfolder_has_its_path_in_the_buttons(tmp_path, monkeypatch):
    monkeypatch.delenv("GITHUB_REPOSITORY", raising=False)
    (tmp_path / "teaching" / "course").mkdir(parents=True)
    toc = tmp_path / "teaching" / "course" / "_toc.yml"
    toc.write_text("root: index\n")
    committed(tmp_path, "teaching/course/_toc.yml")
    config = SimpleNamespace(html_theme_options={})
    repository.add_buttons(SimpleNamespace(srcdir=toc.parent), config)
    assert config.html_theme_options["path_to_docs"] == "teaching/course"


def test_in_a_clone_of_another_user_the_buttons_are_there_too(tmp_path, monkeypatch):
    """A hub's folder, or an image built as root: git finds its ownership dubious."""
    (tmp_path / "_toc.yml").write_text("root: index\n")
    committed(tmp_path, "_toc.yml")
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    refused = subprocess.run(["git", "ls-files"], cwd=tmp_path, capture_output=True, text=True)
    assert "dubious ownership" in refused.stderr  # as it would be there
    monkeypatch.delenv("GITHUB_REPOSITORY", raising=False)
    config = SimpleNamespace(html_theme_options={})
    repository.add_buttons(SimpleNamespace(srcdir=tmp_path), config)
    assert config.html_theme_options["repository_url"] == "https://github.com/someone/thesis"
    assert config.html_theme_options["path_to_docs"] == ""


def test_a_course_unpacked_in_another_repository_has_no_buttons(tmp_path, monkeypatch):
    monkeypatch.delenv("GITHUB_REPOSITORY", raising=False)
    (tmp_path / "course").mkdir()
    (tmp_path / "course" / "_toc.yml").write_text("root: index\n")
    committed(tmp_path)
    config = SimpleNamespace(html_theme_options={})
    repository.add_buttons(SimpleNamespace(srcdir=tmp_path / "course"), config)
    assert config.html_theme_options == {}


def test_the_page_of_a_finding_is_a_page_of_the_site():
    context = {"body": "<p><a href='12_activations.ipynb'>Activations</a></p>"}
    widgets.add_host(SimpleNamespace(), "chapters/x", "page.html", context, None)
    assert context["body"] == "<p><a href='12_activations.html'>Activations</a></p>"
