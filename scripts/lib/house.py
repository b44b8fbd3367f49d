# SPDX-License-Identifier: LGPL-2.1-or-later
"""Rules of the house that no compiler knows: house.py RULE prints what breaks it, and ends with 1 then."""
import pathlib
import re
import sys

FLOORS = ["dht", "federation", "gst", "plugin"]


def sources(folder, ending="*.[hc]*"):
    return sorted(pathlib.Path(folder).rglob(ending))


def includes_point_downward():
    """Each floor sees itself and those below it."""
    height = {floor: index for index, floor in enumerate(FLOORS)}
    height["tools"] = height["plugin"]  # beside each other: neither may see the other
    for floor in height:
        for path in sources(floor):
            for number, line in enumerate(path.read_text().splitlines(), 1):
                included = re.match(r'\s*#\s*include\s*"(\w+)/', line)
                if not included or included[1] not in height or included[1] == floor:
                    continue
                if height[included[1]] >= height[floor]:
                    yield f"{path}:{number}: {floor} includes from {included[1]}, which is not below it"


def pure_floors_touch_no_world():
    """dht/ and federation/, without its driver, get time, chance and datagrams as arguments."""
    world = re.compile(r"#\s*include\s*<(thread|mutex|shared_mutex|condition_variable|fstream|iostream|cstdio|"
                       r"glib|gio|sys/|netinet/|unistd|fcntl)|_clock::now\(|std::random_device|\bgetenv\(")
    for path in sources("dht") + sorted(pathlib.Path("federation").glob("*.[hc]*")):
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if world.search(line):
                yield f"{path}:{number}: {line.strip()}"


def sources_are_built():
    """A source that no meson.build names is neither compiled nor tested."""
    for folder in FLOORS + ["tools", "tests", "bench"]:
        for path in sources(folder, "*.cpp"):
            build = path.parent / "meson.build"
            name = re.sub(r"_(test|fuzzer)$", "", path.stem) if path.parts[0] == "tests" else path.name
            if not build.exists() or not re.search(rf"'{re.escape(name)}(\.cpp|_test\.cpp)?'", build.read_text()):
                yield f"{path}: not in {build}"


def tests_mirror_the_sources():
    """Every source has its test, or tests/elsewhere says which one looks at it."""
    elsewhere = {}
    for line in pathlib.Path("tests/elsewhere").read_text().splitlines():
        if line and not line.startswith("#"):
            source, where = line.split(None, 1)
            elsewhere[source] = where
    for floor in FLOORS:
        for path in sources(floor, "*.cpp"):
            test = pathlib.Path("tests", path.parent, path.stem + "_test.cpp")
            where = elsewhere.pop(str(path), None)
            if test.exists():
                continue
            if not where:
                yield f"{path}: has neither {test} nor a line in tests/elsewhere"
            elif not any(pathlib.Path("tests", word.rstrip(",:;")).exists() for word in where.split()):
                yield f"{path}: tests/elsewhere names no test that there is: {where}"
    for source in elsewhere:
        yield f"tests/elsewhere: there is no {source}"


def every_key_has_its_sample():
    """What the configuration takes in its first section; the test of plugin/config looks at the limits."""
    taken = set(re.findall(r'\{"(\w+)",\s*\[\]\(Config&', pathlib.Path("plugin/config.cpp").read_text()))
    sample = pathlib.Path("conf/janus.plugin.viaduct.jcfg.sample").read_text()
    general, limits = (set(re.findall(r"^\t#(\w+) = ", part, re.M)) for part in sample.split("\nlimits: {"))
    if not taken or not general:
        yield "no keys were found: has the form of plugin/config.cpp or of the sample changed?"
    for key in sorted(taken - general - limits):
        yield f"conf: the sample does not show {key}"
    for key in sorted(general - taken):
        yield f"conf: the sample shows {key}, which plugin/config.cpp does not take"


if __name__ == "__main__":
    broken = list(globals()[sys.argv[1]]())
    print("\n".join(broken), end="\n" if broken else "")
    sys.exit(bool(broken))
