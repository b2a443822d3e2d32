"""What README.md says follows from the programs."""

import os

from world import BUILD, ROOT, run


def test_the_tables_of_configuration_are_what_the_programs_say():
    run(os.path.join(ROOT, "deploy/local/config-table"), "--build", BUILD, "--check")
