"""The workflows do what the README says: the same two commands, each supported Python, a site on GitHub Pages."""

import os
import re
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
FILES = {path.stem: path for path in (ROOT / ".github" / "workflows").glob("*.yml")}
WORKFLOWS = {name: yaml.safe_load(path.read_text(encoding="utf8")) for name, path in FILES.items()}
VERBS = set(re.findall(r"^([a-z]+):.*## ", (ROOT / "Makefile").read_text(encoding="utf8"), re.MULTILINE))
ALL = pytest.mark.parametrize("name", sorted(WORKFLOWS))


def trigger(name: str):
    return WORKFLOWS[name][True]  # YAML reads `on` as a truth value


def job(name: str) -> dict:
    (only,) = WORKFLOWS[name]["jobs"].values()
    return only


def steps(name: str) -> list[dict]:
    return job(name)["steps"]


def commands(name: str) -> list[str]:
    return [step["run"] for step in steps(name) if "run" in step]


def versions(name: str) -> list[str]:
    """The Pythons on which a workflow runs."""
    if "strategy" in job(name):
        return job(name)["strategy"]["matrix"]["python"]
    setup = [step for step in steps(name) if "setup-python" in step.get("uses", "")]
    return [step["with"]["python-version"] for step in setup]


def run(command: str, folder: Path, **environment: str) -> None:
    """Run a step as the runner does."""
    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", command],
        cwd=folder,
        env=os.environ | environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr


def step(name: str, words: str) -> str:
    (found,) = [step["run"] for step in steps(name) if words in step.get("name", "")]
    return found


def test_the_workflows_are_these():
    assert set(WORKFLOWS) == {"test", "deploy", "weekly"}
    assert trigger("test") == "pull_request"
    assert trigger("deploy") == {"push": {"branches": ["main"]}}
    assert re.fullmatch(r"\d+ \d+ \* \* \d", trigger("weekly")["schedule"][0]["cron"])


@ALL
def test_every_verb_that_is_called_exists(name):
    called = re.findall(r"^make (\w+)", "\n".join(commands(name)), re.MULTILINE)
    assert set(called) <= VERBS
    assert called[:3] == ["book", "test", "check"]


@ALL
def test_every_step_is_a_valid_script(name):
    for command in commands(name):
        done = subprocess.run(["bash", "-n"], input=command, capture_output=True, text=True)
        assert (done.returncode, done.stderr) == (0, "")


@ALL
def test_a_missing_browser_fails_the_tests(name):
    for verb in ("test", "check"):
        (tests,) = [step for step in steps(name) if step.get("run") == f"make {verb}"]
        assert tests["env"] == {"REQUIRE_BROWSER": "1"}


@ALL
def test_actions_are_githubs_own_and_pinned_by_a_full_version(name):
    for step in steps(name):
        assert re.fullmatch(r"actions/[a-z-]+@v\d+\.\d+\.\d+", step.get("uses", "actions/none@v0.0.0"))


@ALL
def test_a_workflow_may_do_no_more_than_it_must(name):
    rights = job(name).get("permissions", WORKFLOWS[name]["permissions"])
    assert rights == {"contents": "write" if name == "deploy" else "read"}
    assert "secrets." not in FILES[name].read_text(encoding="utf8")
    for step in steps(name):
        # What the book runs, and what it has installed, sees no token.
        assert ("github.token" in str(step)) == ("git push" in step.get("run", ""))
        assert "checkout" not in step.get("uses", "") or step["with"] == {"persist-credentials": False}


@ALL
def test_a_workflow_ends_and_does_not_run_beside_itself(name):
    assert job(name)["timeout-minutes"] <= 60
    assert WORKFLOWS[name]["concurrency"]["group"].startswith(name)
    # A deployment under way is finished: to stop it would leave the branch half pushed.
    assert WORKFLOWS[name]["concurrency"]["cancel-in-progress"] == (name != "deploy")


def test_the_pythons_are_those_of_the_readme():
    first, last = re.search(r"Python (3\.\d+) to (3\.\d+)", (ROOT / "README.md").read_text(encoding="utf8")).groups()
    supported = [f"3.{minor}" for minor in range(int(first[2:]), int(last[2:]) + 1)]
    assert versions("test") == supported
    assert versions("deploy") == versions("weekly") == [last]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf8"))["project"]
    assert project["requires-python"] == f">={first}"
    assert (ROOT / "binder" / "runtime.txt").read_text().strip().removeprefix("python-") in supported


@pytest.mark.parametrize(
    ("repository", "address"),
    [
        ("Reader/Notes", "https://reader.github.io/Notes/"),
        ("Reader/reader.github.io", "https://reader.github.io/"),
    ],
)
def test_the_deployed_site_knows_where_it_stands(repository, address, tmp_path):
    told = tmp_path / "environment"
    command = step("deploy", "where the site will stand")
    run(command, tmp_path, GITHUB_ENV=str(told), GITHUB_REPOSITORY=repository, GITHUB_SERVER_URL="https://github.com")
    assert told.read_text().splitlines() == [f"BOOK_URL={address}", f"BOOK_REPOSITORY=https://github.com/{repository}"]


def test_the_site_is_published_after_the_tests_as_one_commit(tmp_path):
    order = [command for command in commands("deploy") if re.match("make|cd _build/site", command)]
    assert order[:3] == ["make book", "make test", "make check"] and order[-1] == step("deploy", "Publish the site")

    page = tmp_path / "_build" / "site" / "zh" / "_sources" / "chapters" / "01.ipynb"
    page.parent.mkdir(parents=True)
    page.write_text("{}")
    hub = tmp_path / "hub.git"
    git = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull, "GIT_CONFIG_COUNT": "1"}
    git["GIT_CONFIG_KEY_0"] = f"url.{hub}.insteadOf"
    git["GIT_CONFIG_VALUE_0"] = "https://x-access-token:a-token@github.com/reader/notes.git"
    run(f"git init --quiet --bare {hub}", tmp_path, **git)
    for _ in range(2):  # the second deployment replaces the first
        run(order[-1], tmp_path, TOKEN="a-token", GITHUB_REPOSITORY="reader/notes", GITHUB_SHA="0123abc", **git)
        page.write_text("[]")
        run("rm -rf _build/site/.git", tmp_path)

    def tell(*arguments: str) -> str:
        return subprocess.run(["git", "-C", hub, *arguments], capture_output=True, text=True, check=True).stdout

    assert tell("branch", "--format=%(refname:short)").split() == ["gh-pages"]
    assert tell("log", "--format=%s", "gh-pages").splitlines() == ["Site of 0123abc"]
    assert tell("ls-tree", "-r", "--name-only", "gh-pages").split() == [".nojekyll", "zh/_sources/chapters/01.ipynb"]
    assert tell("show", "gh-pages:zh/_sources/chapters/01.ipynb") == "[]"


def test_the_weekly_run_takes_the_newest_of_all_but_three(tmp_path):
    (line,) = [line for line in step("weekly", "newest releases").splitlines() if line.startswith("sed ")]
    run(line, ROOT, RUNNER_TEMP=str(tmp_path))
    pinned, newest = [
        [line.split()[0] for line in path.read_text().splitlines() if line and not line.startswith("#")]
        for path in (ROOT / "requirements.in", tmp_path / "newest.in")
    ]
    assert [re.sub("==.*", "", line) for line in newest] == [re.sub("==.*", "", line) for line in pinned]
    kept = [line for line in newest if "==" in line]
    assert {line.split("==")[0] for line in kept} == {"jupyter-book", "genanki", "fsrs"} and set(kept) <= set(pinned)
    order = commands("weekly")
    assert order.index("make book") < order.index(step("weekly", "newest releases")) < order.index("make test")


def test_binder_installs_what_the_book_pins():
    folder = ROOT / "binder"
    assert (folder / "requirements.txt").read_text().split() == ["-r", "../requirements.txt"]
    script = folder / "postBuild"
    assert os.access(script, os.X_OK)
    own = re.search(r"pip install --quiet (.*)", script.read_text())[1]
    assert own in (ROOT / "Makefile").read_text(encoding="utf8"), "not as make installs it"
