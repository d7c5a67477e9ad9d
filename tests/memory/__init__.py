"""What the rooms of `memory` promise beyond the Store contract: text, files, migrations, crashes."""
