#!/bin/sh
# One assignment as an nbgrader course, graded by nbgrader; nbgrader must be on the PATH.
#   tools/nbgrader_course.sh relu /tmp/nbgrader-course
set -eu
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
