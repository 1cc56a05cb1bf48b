export default { title: "Harbour Notes" };
