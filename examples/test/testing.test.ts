/** The tests that the page about testing shows are tests of their own. */
import "../testing/all-orders.test.ts";
import "../testing/nothing-left.test.ts";
import "../testing/until-blocked.test.ts";
import "../testing/virtual-time.test.ts";
