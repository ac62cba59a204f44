// The page of step 3: the tree of needs, what customers said beside it, coding by hand.
import "./needs/needs.css";
import { startCoding } from "./needs/coding";
import { startSaid } from "./needs/said";
import { startTree } from "./needs/tree";
import { Workbench } from "./needs/workbench";

const section = document.getElementById("workbench");
if (section) {
  const bench = new Workbench(section);
  const said = startSaid(bench);
  startTree(bench, said);
  startCoding(bench);
}
