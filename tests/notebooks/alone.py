"""A plugin for the run of nbval: each chapter runs in an empty folder, as a downloaded notebook may, and leaves it empty."""

import os
import tempfile

import nbval.plugin
from nbval.kernel import RunningKernel


class LonelyKernel(RunningKernel):
    def __init__(self, kernel_name, cwd=None, **options):
        self._folder = tempfile.TemporaryDirectory()
        super().__init__(kernel_name, cwd=self._folder.name, **options)

    def stop(self):
        super().stop()
        left = os.listdir(self._folder.name)
        self._folder.cleanup()
        assert not left, f"a chapter leaves files behind: {', '.join(left)}"


def pytest_configure():
    nbval.plugin.RunningKernel = LonelyKernel
