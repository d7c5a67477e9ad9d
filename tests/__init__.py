"""Tests of Vigie. Folders follow the rooms; `contracts` holds one suite per port, `stories` speak through the public doors."""
