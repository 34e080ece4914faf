from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("casework", "0002_open_by_area")]

    operations = [migrations.RenameField("concern", "decision", "result")]
