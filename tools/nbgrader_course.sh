#!/bin/sh
# One assignment as an nbgrader course, graded by nbgrader: the solution must get all points that
# nbgrader gives, the untouched release none.  nbgrader must be on the PATH, and what the notebooks
# import (NumPy, matplotlib) beside it.
#   tools/nbgrader_course.sh relu /tmp/nbgrader-course
set -eu
python -c "import numpy, matplotlib, nbgrader" || {
    echo "Activate an environment with nbgrader, NumPy and matplotlib." >&2; exit 2; }
name=$1
course=$2
root=$(cd "$(dirname "$0")/.." && pwd)
mkdir -p "$course/source/$name"
cp "$root/assignments/$name/source.ipynb" "$course/source/$name/$name.ipynb"
cat > "$course/nbgrader_config.py" <<CONFIG
c = get_config()
c.CourseDirectory.course_id = "nnlib"
c.ClearSolutions.code_stub = {"python": "raise NotImplementedError"}
c.Execute.timeout = 120
CONFIG
export PYTHONPATH="$root${PYTHONPATH:+:$PYTHONPATH}" NNCHECK_STRICT=1
cd "$course"
nbgrader generate_assignment "$name" --force
for student in solved untouched; do
    mkdir -p "submitted/$student/$name"
done
cp "source/$name/$name.ipynb" "submitted/solved/$name/$name.ipynb"
cp "release/$name/$name.ipynb" "submitted/untouched/$name/$name.ipynb"
nbgrader autograde "$name" --force
nbgrader generate_feedback "$name" --force
nbgrader export --to grades.csv
cat grades.csv
python - "source/$name/$name.ipynb" "$name" <<'COMPARE'
import csv, json, sys

cells = json.load(open(sys.argv[1], encoding="utf-8"))["cells"]
marks = [c["metadata"].get("nbgrader", {}) for c in cells]
most = sum(m["points"] for m in marks if m.get("grade") and not m.get("solution"))
rows = {r["student_id"]: float(r["raw_score"]) for r in csv.DictReader(open("grades.csv"))
        if r["assignment"] == sys.argv[2]}
wanted = {"solved": float(most), "untouched": 0.0}
print(f"{sys.argv[2]}: nbgrader gave {rows}, expected {wanted}")
sys.exit(rows != wanted)
COMPARE
