// @ts-check
import { isMainThread, parentPort, workerData } from 'node:worker_threads';
import { UndirectedGraph } from 'graphology';
import louvainModule from 'graphology-communities-louvain';

// JavaScript, because Node 20 starts no thread from TypeScript: it is loaded as it is from the sources and from a build.

// The package is CommonJS whose export is the function itself; its types describe an ES module.
const louvain = /** @type {typeof louvainModule.default} */ (/** @type {unknown} */ (louvainModule));

/**
 * A network of nodes 0 to n - 1, each in at least one link.
 * @typedef {object} Network
 * @property {Uint32Array} ends the two nodes of each link, one link after the other; nodes appear in their order
 * @property {Float64Array} weights of the links, in (0, 1]
 */

/**
 * The community of each node, by Louvain (Blondel et al. 2008). In a large network its communities are large (the resolution limit,
 * Fortunato & Barthélemy 2007), so one of more than `most` nodes is looked at by itself, and so on, as long as it falls apart. Nodes
 * are visited in order instead of at random: the same network gives the same labels.
 * @param {Network} network
 * @param {number} most nodes of a community that is not looked at again
 * @returns {Uint32Array}
 */
export function labelNodes({ ends, weights }, most) {
  const graph = new UndirectedGraph();
  for (const [link, weight] of weights.entries()) {
    const [a, b] = ends.subarray(2 * link);
    graph.mergeNode(a);
    graph.mergeNode(b);
    graph.mergeUndirectedEdge(a, b, { weight });
  }
  const labels = new Uint32Array(graph.order);
  for (const [label, nodes] of cut(graph, most).entries()) for (const node of nodes) labels[Number(node)] = label;
  return labels;
}

/**
 * @param {UndirectedGraph} graph
 * @param {number} most
 * @returns {string[][]}
 */
function cut(graph, most) {
  const labels = louvain(graph, { getEdgeWeight: 'weight', randomWalk: false });
  /** @type {Map<number | undefined, string[]>} */
  const parts = new Map();
  for (const node of graph.nodes()) {
    const part = parts.get(labels[node]);
    if (part === undefined) parts.set(labels[node], [node]);
    else part.push(node);
  }
  const isWhole = parts.size === 1;
  return [...parts.values()].flatMap((nodes) =>
    isWhole || nodes.length <= most ? [nodes] : cut(inside(graph, nodes), most),
  );
}

/**
 * The links among some of the nodes.
 * @param {UndirectedGraph} graph
 * @param {readonly string[]} nodes
 */
function inside(graph, nodes) {
  const wanted = new Set(nodes);
  const part = new UndirectedGraph();
  for (const node of nodes) part.addNode(node);
  for (const node of nodes)
    graph.forEachEdge(node, (_, { weight }, a, b) => {
      if (wanted.has(a) && wanted.has(b)) part.mergeUndirectedEdge(a, b, { weight });
    });
  return part;
}

// As a thread of its own it labels the one network that it was given.
if (!isMainThread && workerData instanceof Object && 'network' in workerData) {
  parentPort?.postMessage(labelNodes(workerData.network, workerData.most));
}
