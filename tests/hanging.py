"""Python functions to be searched that never end, as the text of a module, and a spec of one of them."""

FUNCTIONS = """\
import ctypes
import pathlib
import threading


def train(x):
    if x > 0.5:
        raise ValueError("[red]</script>")
    if pathlib.Path("begun").exists():
        threading.Event().wait()
    pathlib.Path("begun").touch()
    return x


def swallows(x):
    pathlib.Path("begun").touch()
    while True:
        try:
            threading.Event().wait()
        except BaseException:
            pass


def waits_in_c(x):
    pathlib.Path("begun").touch()
    libc, lock = ctypes.CDLL(None), ctypes.create_string_buffer(256)
    libc.pthread_mutex_lock(lock)
    libc.pthread_mutex_lock(lock)


def quick(x):
    return x
"""
"""`train` waits from its second good value on, `swallows` takes no notice of what is raised in it, `waits_in_c` gives the
interpreter no chance to raise anything; `quick` is there to compare with."""

SPEC = """\
name: {name}
objective: {{python: "functions:{function}"}}
space: {{x: {{range: [0.0, 1.0]}}}}
search: {{method: random, trials: {trials}}}
"""
